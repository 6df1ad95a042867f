/** Next's own hook at the start of the web process. Only Node has the channel that the timing listens to. */
export async function register(): Promise<void> {
  // Next puts the runtime in while it builds; the branch keeps Node's module out of the edge bundle.
  // biome-ignore lint/style/noProcessEnv: a build-time constant, no setting
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { serverTiming } = await import("./app/server-timing.ts");
  serverTiming();
}
