import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // The app listens on loopback; what stands before it elsewhere compresses, and better.
  compress: false,
  // Types are a gate of `npm run check`; a start must not pay for them again.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  turbopack: { root: import.meta.dirname },
  // Next must never load what holds power: native engines and the store live in functions (docs/decisions). The one client
  // of AWS it has calls functions where they are Lambdas; outside the bundle, a laptop never reads it.
  serverExternalPackages: ["@aws-sdk/client-lambda"],
  // Tools and test servers that this machine fetched are no part of the app.
  outputFileTracingExcludes: { "/**": ["./.cache/**", "./.sst/**", "./.open-next/**"] },
};

export default config;
