import { AwsError, type Call } from "./call.ts";
import { everything, type IamActions, iamArn } from "./iam-action.ts";
import { conflict, exists, findUser, holderArn, iso, limit, notFound, userKind } from "./iam-holder.ts";
import { freshSeed } from "./iam-ids.ts";
import { optional, page, required, rules } from "./iam-parameters.ts";
import { userXml } from "./iam-shapes.ts";
import type { User } from "./state.ts";
import { totpStep } from "./totp.ts";
import type { XmlValue } from "./xml.ts";

const resource = (call: Call): string => holderArn(userKind, call);

/** Virtual MFA devices: made, then enabled for a user with two codes in a row. The seed is shown once, at the making. */
export const mfaActions: IamActions = {
  CreateVirtualMFADevice: { resource: (call) => serialOf(call), run: createDevice },
  EnableMFADevice: { resource, run: enableDevice },
  DeactivateMFADevice: { resource, run: deactivateDevice },
  DeleteVirtualMFADevice: { resource: (call) => call.parameters.get("SerialNumber") ?? "*", run: deleteDevice },
  ListMFADevices: { resource, run: listDevices },
  ListVirtualMFADevices: { resource: everything, run: listVirtualDevices },
};

const serialOf = (call: Call) =>
  iamArn(call.account, "mfa", call.parameters.get("VirtualMFADeviceName") ?? "", call.parameters.get("Path"));

const waiting = (call: Call) => {
  call.account.virtualMfaDevices ??= [];
  return call.account.virtualMfaDevices;
};

function createDevice(call: Call): XmlValue {
  const name = required(call, "VirtualMFADeviceName", rules.deviceName);
  const serial = serialOf(call);
  const inUse = call.account.users.flatMap(({ mfaDevices }) => mfaDevices);
  if ([...waiting(call), ...inUse].some((device) => device.serial === serial)) {
    throw exists("MFADevice entity at the same path and name already exists.");
  }
  const seed = freshSeed();
  waiting(call).push({ serial, seed });
  const uri = `otpauth://totp/Amazon%20Web%20Services:${name}@${call.account.id}?secret=${seed}&issuer=Amazon%20Web%20Services`;
  // The API model has both as blobs. AWS draws the second as a PNG; here it is the text such a picture holds.
  const [Base32StringSeed, QRCodePNG] = [seed, uri].map((text) => Buffer.from(text).toString("base64"));
  return { VirtualMFADevice: { SerialNumber: serial, Base32StringSeed, QRCodePNG } };
}

function enableDevice(call: Call): XmlValue {
  const user = findUser(call);
  const serial = required(call, "SerialNumber", rules.serial);
  const codes = ["AuthenticationCode1", "AuthenticationCode2"].map((code) => required(call, code, rules.code));
  const device = waiting(call).find((one) => one.serial === serial);
  if (user.mfaDevices.some((one) => one.serial === serial)) {
    throw exists("MFA Device is already in use.");
  }
  if (device === undefined) throw notFound(`MFA Device with serial number ${serial} does not exist.`);
  if (user.mfaDevices.length >= 8) throw limit("Cannot exceed quota for MFADevicesPerUser: 8");
  const [first, second] = codes.map((code) => totpStep(device.seed, code, call.now, undefined));
  if (first === undefined || second === undefined || second !== first + 1) {
    throw new AwsError("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403);
  }
  waiting(call).splice(waiting(call).indexOf(device), 1);
  user.mfaDevices.push({ ...device, enabledAt: iso(call.now) });
  return undefined;
}

function deactivateDevice(call: Call): XmlValue {
  const user = findUser(call);
  const device = deviceOf(user, required(call, "SerialNumber", rules.serial));
  user.mfaDevices.splice(user.mfaDevices.indexOf(device), 1);
  waiting(call).push({ serial: device.serial, seed: device.seed });
  return undefined;
}

function deleteDevice(call: Call): XmlValue {
  const serial = required(call, "SerialNumber", rules.serial);
  if (call.account.users.some(({ mfaDevices }) => mfaDevices.some((device) => device.serial === serial))) {
    throw conflict("MFA VirtualDevice in use. Must deactivate first.");
  }
  const device = waiting(call).find((one) => one.serial === serial);
  if (device === undefined) throw notFound(`VirtualMFADevice with serial number ${serial} doesn't exist.`);
  waiting(call).splice(waiting(call).indexOf(device), 1);
  return undefined;
}

function listDevices(call: Call): XmlValue {
  const user = findUser(call);
  const { items, rest } = page(call, user.mfaDevices, ({ serial }) => serial);
  const devices = items.map((device) => ({
    UserName: user.name,
    SerialNumber: device.serial,
    EnableDate: iso(device.enabledAt ?? user.createdAt),
  }));
  return { MFADevices: devices, ...rest };
}

function listVirtualDevices(call: Call): XmlValue {
  const status = optional(call, "AssignmentStatus", { pattern: "Assigned|Unassigned|Any" }) ?? "Any";
  const assigned = call.account.users.flatMap((user) =>
    user.mfaDevices.map((device) => ({
      SerialNumber: device.serial,
      User: userXml(call.account, user, true),
      EnableDate: iso(device.enabledAt ?? user.createdAt),
    })),
  );
  const unassigned = waiting(call).map(({ serial }) => ({ SerialNumber: serial }));
  const shown = [...(status === "Unassigned" ? [] : assigned), ...(status === "Assigned" ? [] : unassigned)];
  const { items, rest } = page<(typeof shown)[number]>(call, shown, ({ SerialNumber }) => SerialNumber);
  return { VirtualMFADevices: items, ...rest };
}

function deviceOf(user: User, serial: string): User["mfaDevices"][number] {
  const device = user.mfaDevices.find((one) => one.serial === serial);
  if (device === undefined) throw notFound(`MFA Device with serial number ${serial} does not exist.`);
  return device;
}
