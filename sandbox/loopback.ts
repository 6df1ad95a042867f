import type http from "node:http";

/** Why a request is not for us, in a sentence; undefined when it is. */
export function refusalOf(headers: http.IncomingHttpHeaders, port: number): string | undefined {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  // A name that was rebound to 127.0.0.1 still says itself in Host.
  if (!own.includes(headers.host ?? "")) return "This server answers on 127.0.0.1 only, under its own name.";
  const { origin } = headers;
  if (origin !== undefined && !own.some((host) => origin === `http://${host}`)) return otherSite;
  // Without Origin: another site's picture or frame. Following a link here is a person's own doing.
  const isFetched = headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate";
  return isFetched ? otherSite : undefined;
}

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 alone. Port 0 takes a free one. */
export async function listenOnLoopback(server: http.Server, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const otherSite = "This request came from another site.";
