/** `.sql` files are loaded as text: by esbuild (`loader`), and in the suites by a plug-in of test/vitest.config.ts. */
declare module "*.sql" {
  const text: string;

  // biome-ignore lint/style/noDefaultExport: esbuild's text loader gives a default export
  export default text;
}
