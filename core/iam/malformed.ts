/** The policy does not follow AWS's grammar. The message is AWS's own, for error code `MalformedPolicyDocument`. */
export class MalformedPolicy extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "MalformedPolicy";
  }
}
