// A file of this bundle's own, so that it becomes one beside the engine's.
import '@onefold/server/worker';
