/** Loaded by jest before each proof. Starting, waiting and stopping take seconds, many times as long on a busy machine. */
jest.setTimeout(120_000);
