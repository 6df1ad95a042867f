# Roletrail in one container, for a company without a deployment on AWS (docs/small-company.md).
FROM node:22-bookworm-slim AS built
WORKDIR /app
COPY . .
# The start's own install and build, so that it finds them fresh; then what only building and testing needs goes. Saved, the
# lockfile would be written anew, and each start of the container would install again.
RUN node --input-type=module -e 'const start = await import("/app/tools/start/prepare.mjs"); start.installWhenStale(); await start.buildWhenStale();' \
  && npm prune --omit=dev --no-save --no-audit --no-fund \
  && rm -rf .git .cache .sst test

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=built --chown=node:node /app /app
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
# Everything listens on 127.0.0.1: what faces people is a proxy with TLS in the same network namespace.
ENTRYPOINT ["node", "tools/start.mjs", "--home", "/data"]
CMD ["--help"]
