import { createHash } from "node:crypto";
import type { CastMember } from "../story/cast.ts";

/** Who can sign in, and with which claims. `odd` people are here to show what the product says of odd sign-ins. */
export interface Account extends CastMember {
  readonly odd?: "no-groups" | "overage" | "group-ids" | "borrowed-email";
}

export function accountsOf(cast: readonly CastMember[]): readonly Account[] {
  const admin = cast.find((member) => member.groups.includes("security")) ?? cast[0];
  // biome-ignore format: the columns are the point
  const odd: readonly Account[] = [
    { odd: "no-groups",      sub: "u-9001", name: "Nil Castellan",  email: "nil.castellan@northwharf.example",  groups: [], title: "Signs in without a groups claim" },
    { odd: "overage",        sub: "u-9002", name: "Ovid Lagarde",   email: "ovid.lagarde@northwharf.example",   groups: [], title: "Is in too many groups to list" },
    { odd: "group-ids",      sub: "u-9003", name: "Guida Estevez",  email: "guida.estevez@northwharf.example",  groups: groupIds, title: "Has group ids instead of names" },
    { odd: "borrowed-email", sub: "u-9004", name: "Basil Mallory",  email: admin?.email ?? "",                  groups: ["staff"], title: "Set an administrator’s e-mail, unverified" },
  ];
  return [...cast, ...odd];
}

/** As real providers send them: Entra for overage (Microsoft identity platform, "Groups overage claim") and ids. */
export function claimsOf(account: Account): { sub: string; [claim: string]: unknown } {
  const { sub, name, email, groups, odd } = account;
  const base = { sub, oid: objectIdOf(sub), name, email, email_verified: odd !== "borrowed-email" };
  if (odd === "no-groups") return base;
  if (odd !== "overage") return { ...base, groups: [...groups] };
  const endpoint = `https://graph.microsoft.com/v1.0/users/${sub}/getMemberObjects`;
  return { ...base, _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint } } };
}

/** A person's id in the directory, beside the provider's own: Entra's tokens hold both, and `sub` differs by program. */
export function objectIdOf(sub: string): string {
  const hex = createHash("sha256").update(`object ${sub}`).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

const groupIds = ["2b9d7a1e-54f0-4f0e-9a51-6c1f0d7b3a90", "c0ffee12-7d1b-4c55-8b0e-1f2e3d4c5b6a"];
