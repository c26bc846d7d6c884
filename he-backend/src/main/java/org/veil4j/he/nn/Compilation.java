package org.veil4j.he.nn;

/**
 * What the compiler makes of a network.
 *
 * @param model the server's part
 * @param clientSpec the client's part; public
 * @param report what the model will take
 */
public record Compilation(CompiledModel model, ClientSpec clientSpec, CompilationReport report) {}
