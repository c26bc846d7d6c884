package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.nn.ModelClient;
import org.veil4j.he.rlwe.SecurityLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veil4j keygen}: the keys of a client, or of the owner of an encrypted model. */
@Command(
        name = "keygen",
        description =
                "Makes keys: secret.key (keep it), public.key (for others who encrypt images) and evaluation.keys (for the"
                        + " server).")
final class KeygenCommand extends Verb {
    static final String SECRET = "secret.key";
    static final String PUBLIC = "public.key";
    static final String EVALUATION = "evaluation.keys";

    @Option(names = "--spec", paramLabel = "FILE", required = true, description = "client.veil of the model.")
    private Path spec = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Existing folder for the files.")
    private Path out = Path.of("");

    @Option(names = "--force", description = "Replace an existing secret key; what it encrypted is lost.")
    private boolean force;

    @Option(
            names = "--insecure-test-parameters",
            hidden = true,
            description = "Accept parameters that protect nothing: for tests only.")
    private boolean insecure;

    @Override
    void run(RunRecord run) throws IOException {
        Folders.require("out", out);
        Path secret = out.resolve(SECRET);
        if (Files.exists(secret) && !force) {
            throw new UsageException("secret=" + secret + ": exists, and what it encrypted would be lost; name another"
                    + " folder, or add --force");
        }
        ClientSpec specification = ClientSpec.read(spec);
        int security = specification.parameters().securityBits();
        SecurityLevel least = insecure ? SecurityLevel.INSECURE_TEST : SecurityLevel.BITS_128;
        if (security < least.bits()) {
            throw new UsageException("spec=" + spec + ": its encryption parameters are below 128 bits of security and"
                    + " protect nothing; ask for a specification that was not compiled for tests");
        }
        long start = System.nanoTime();
        Path evaluation = out.resolve(EVALUATION);
        double seconds;
        try (ModelClient client = ModelClient.create(specification, least)) {
            // All or none: keys that do not belong together would be noticed only by results that make no sense.
            try (FrameWriter writer = FrameWriter.create(
                            evaluation,
                            FileKind.EVALUATION_KEYS,
                            specification.parameters().fingerprint());
                    FrameWriter open = FrameWriter.create(
                            out.resolve(PUBLIC),
                            FileKind.PUBLIC_KEY,
                            specification.parameters().fingerprint())) {
                client.writeEvaluationKeys(writer);
                writer.finish();
                client.writePublicKey(open);
                open.finish();
                seconds = (System.nanoTime() - start) * 1e-9;
                client.writeSecretKey(secret);
                writer.commit();
                open.commit();
            }
        }
        long bytes = Files.size(evaluation);
        run.put("secondsKeygen", seconds)
                .put("bytesEvaluationKeys", bytes)
                .put("logN", specification.parameters().logN())
                .put("logQP", specification.parameters().logQP())
                .put("securityBits", security);
        out().println("wrote " + secret + " (readable by you only; whoever has it can decrypt)");
        out().println("wrote " + out.resolve(PUBLIC) + " (for others: encrypts, cannot decrypt)");
        out().println("wrote " + evaluation + " (" + Units.bytes(bytes) + ", for the server)");
        out().println("security: " + (security == 0 ? "NONE (test parameters)" : security + " bits"));
        out().flush();
    }
}
