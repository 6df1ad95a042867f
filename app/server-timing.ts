import diagnostics from "node:diagnostics_channel";
import { z } from "zod";

const Started = z.object({
  response: z.custom<import("node:http").ServerResponse>((value) => typeof value === "object" && value !== null),
});

/**
 * Says on every answer how long the server took until its first byte (`Server-Timing`): a page cannot set a header once
 * it is drawn, and the bench and the browser's own tools read this one.
 */
export function serverTiming(): void {
  diagnostics.subscribe("http.server.request.start", (message) => {
    const started = Started.safeParse(message);
    if (!started.success) return;
    const { response } = started.data;
    const begun = performance.now();
    response.writeHead = new Proxy(response.writeHead, {
      apply(writeHead, self, given) {
        const took = (performance.now() - begun).toFixed(1);
        if (!response.headersSent) response.setHeader("Server-Timing", `total;dur=${took}`);
        return Reflect.apply(writeHead, self, given);
      },
    });
  });
}
