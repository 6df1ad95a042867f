// Loaded before Next: when the supervisor's channel closes, so does the app. No orphan holds the port.
process.on("disconnect", () => process.exit(0));
