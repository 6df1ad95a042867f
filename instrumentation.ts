/** Next's own hook at the start of the web process. Only Node has the channel that the timing listens to. */
export async function register(): Promise<void> {
  const { serverTiming } = await import("./app/server-timing.ts");
  serverTiming();
}
