/**
 * One two-way, ordered, reliable line between a control client and a control server.
 * A message is one JSON text; a carrier neither splits nor joins messages. Who made the carrier has already checked who is at
 * the other end: the control surface itself grants everything to everyone it is connected to.
 */
export interface Carrier {
  /** Hands over one message. After close it does nothing. Never throws. */
  send(message: string): void;
  /** Sets the one listener for messages. Messages that arrive before it is set are kept by the carrier. */
  onMessage(listener: (message: string) => void): void;
  /** Ends the line from this side. Safe to call twice. */
  close(): void;
  /** Sets the one listener for the end, whichever side caused it. Called once, also when the line had ended before. */
  onClose(listener: () => void): void;
}

/** The longest message a control end accepts, in UTF-16 units. Longer lists are paged by their calls. */
export const MAX_MESSAGE_LENGTH = 8 * 1024 * 1024;
