import type { RoleSpec } from "./role-spec.ts";
import { machineRoles } from "./roles-machine.ts";
import { peoplesRoles } from "./roles-people.ts";

export const roles: readonly RoleSpec[] = [...peoplesRoles, ...machineRoles];
