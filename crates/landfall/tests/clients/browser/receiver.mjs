// A receiver of webhooks that answers when it is told to.

import { createServer } from "node:http";

/** Listens on loopback; requests wait while it is held. */
export async function receive() {
  const held = [];
  let isHeld = false;
  let arrived = () => {};
  const server = createServer((request, response) => {
    const answer = () => response.end("taken");
    request.resume().on("end", () => {
      if (isHeld) held.push(answer);
      else answer();
      arrived();
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    /** From now on requests wait; the promise ends with the first one. */
    hold() {
      isHeld = true;
      return new Promise((done) => (arrived = done));
    },
    release() {
      isHeld = false;
      held.splice(0).forEach((answer) => answer());
    },
    close: () => server.close(),
  };
}
