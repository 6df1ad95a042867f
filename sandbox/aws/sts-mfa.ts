import { AwsError, type Call } from "./call.ts";
import { accountNamed, userNamed } from "./find.ts";
import { totpStep } from "./totp.ts";

/**
 * The second when the code was given, where one was; only an IAM user has devices. A code is good once.
 * @throws AwsError AccessDenied for a wrong code, a used one, or a device that is not the caller's.
 */
export function checkMfa(call: Call, serial: string | undefined, code: string | undefined): number | undefined {
  if (serial === undefined && code === undefined) return undefined;
  const { caller } = call;
  const account = accountNamed(call.organisation, caller.account);
  const user = account === undefined || caller.type !== "IAMUser" ? undefined : userNamed(account, caller.userName);
  const device = user?.mfaDevices.find((one) => one.serial === serial);
  if (device === undefined || code === undefined)
    throw failed(
      "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    );
  const step = totpStep(device.seed, code, call.now, device.usedStep);
  if (step === undefined) throw failed("with invalid MFA one time pass code. ");
  device.usedStep = step;
  call.save();
  return Math.floor(call.now.getTime() / 1000);
}

const failed = (why: string): AwsError =>
  new AwsError("AccessDenied", `MultiFactorAuthentication failed${why.startsWith("with") ? " " : ", "}${why}`, 403);
