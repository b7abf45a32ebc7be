// Where a list can also be NDJSON, orval gives a stream; this leaves it to JSON and problems.
module.exports = {
  workplan: {
    input: process.env.OPENAPI,
    output: {
      target: "./client/client.ts",
      client: "fetch",
      override: { contentType: { include: ["application/json", "application/problem+json"] } },
    },
  },
};
