import { AwsError, type AwsReply } from "./call.ts";
import { xml } from "./xml.ts";

/** How a service speaks: the query protocol (STS, IAM, and EC2 as it asks), JSON 1.1 (CloudTrail), REST XML (S3). */
export type Protocol = "query" | "json" | "s3";

export function protocolOf(service: string, isForm: boolean): Protocol {
  if (service === "s3") return "s3";
  return service === "sts" || service === "iam" || isForm ? "query" : "json";
}

/** The error as this protocol words it: codes differ, what they mean does not. */
export function inProtocol(error: AwsError, protocol: Protocol): AwsError {
  const renamed = renamings[protocol][error.code];
  return renamed === undefined ? error : new AwsError(renamed.code, renamed.message ?? error.message, renamed.status);
}

export function errorReply(error: AwsError, protocol: Protocol, requestId: string): AwsReply {
  if (protocol === "json")
    return {
      status: error.status,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId },
      body: JSON.stringify({ __type: error.code, message: error.message }),
    };
  if (protocol === "s3")
    return {
      status: error.status,
      headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml("Error", { Code: error.code, Message: error.message, RequestId: requestId })}`,
    };
  const type = error.status >= 500 ? "Receiver" : "Sender";
  const body = xml("Error", { Type: type, Code: error.code, Message: error.message }) + xml("RequestId", requestId);
  return {
    status: error.status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${body}</ErrorResponse>`,
  };
}

interface Renaming {
  readonly code: string;
  readonly status: number;
  readonly message?: string;
}

const renamings: Readonly<Record<Protocol, Readonly<Record<string, Renaming>>>> = {
  query: {
    InvalidToken: {
      code: "InvalidClientTokenId",
      status: 403,
      message: "The security token included in the request is invalid.",
    },
    InvalidURI: { code: "MalformedQueryString", status: 404 },
  },
  json: {
    AccessDenied: { code: "AccessDeniedException", status: 400 },
    ExpiredToken: { code: "ExpiredTokenException", status: 400 },
    IncompleteSignature: { code: "IncompleteSignatureException", status: 400 },
    InvalidClientTokenId: { code: "UnrecognizedClientException", status: 400 },
    InvalidToken: {
      code: "UnrecognizedClientException",
      status: 400,
      message: "The security token included in the request is invalid.",
    },
    MissingAuthenticationToken: { code: "MissingAuthenticationTokenException", status: 400 },
    SignatureDoesNotMatch: { code: "InvalidSignatureException", status: 400 },
  },
  s3: {
    ExpiredToken: { code: "ExpiredToken", status: 400, message: "The provided token has expired." },
    IncompleteSignature: { code: "AuthorizationHeaderMalformed", status: 400 },
    InvalidClientTokenId: {
      code: "InvalidAccessKeyId",
      status: 403,
      message: "The AWS Access Key Id you provided does not exist in our records.",
    },
    MissingAuthenticationToken: { code: "AccessDenied", status: 403, message: "Access Denied" },
  },
};
