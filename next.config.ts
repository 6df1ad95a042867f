import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  images: { unoptimized: true },
  turbopack: { root: import.meta.dirname },
  // Next must never load what holds power: native engines and the store live in functions (docs/decisions).
  serverExternalPackages: [],
};

export default config;
