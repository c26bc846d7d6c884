package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.nn.ModelClient;
import org.veil4j.he.rlwe.SecurityLevel;

/** What the command says of ranges and precision, and what it does when values or memory do not fit. */
class CompileRangesTest {
    private static final int SIZE = 8;
    private static final int IMAGES = 20;
    private static final long SEED = 17;

    @TempDir
    static Path folder;

    private static double[][] want = {};

    @BeforeAll
    static void makeFiles() throws IOException {
        MultiLayerNetwork network = TinyNetworks.encryptable(SIZE, 1);
        TinyNetworks.save(network, path("tiny.zip"));
        Random random = new Random(SEED);
        List<String> lines = new ArrayList<>();
        double[][] images = new double[IMAGES][SIZE * SIZE];
        for (double[] image : images) {
            List<String> cells = new ArrayList<>();
            for (int e = 0; e < image.length; e++) {
                int pixel = random.nextInt(256);
                cells.add(Integer.toString(pixel));
                image[e] = (pixel - 100) / 60.0;
            }
            lines.add(String.join(",", cells));
        }
        Files.write(path("images.csv"), lines);
        want = network.output(Nd4j.create(images).castTo(DataType.FLOAT).reshape(IMAGES, 1, SIZE, SIZE))
                .toDoubleMatrix();
    }

    private static Path path(String name) {
        return folder.resolve(name);
    }

    private static Path newFolder(String name) throws IOException {
        return Files.createDirectories(path(name));
    }

    private static Cli compile(Path out, Object... more) {
        List<Object> args = new ArrayList<>(List.of(
                "compile",
                "--network",
                path("tiny.zip"),
                "--shape",
                "1x8x8",
                "--out",
                out,
                "--insecure-test-parameters"));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    private static void assertRefused(Cli run, int status, String... words) {
        assertThat(run.status()).as(run.err()).isEqualTo(status);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).startsWith("veil4j: ").contains(words);
    }

    /** Keys, encryption and inference; the outputs are then in the folder. */
    private static void classify(Path out) {
        Cli.done("keygen", "--spec", out.resolve("client.veil"), "--out", out, "--insecure-test-parameters");
        Cli.done(
                "encrypt",
                "--spec",
                out.resolve("client.veil"),
                "--secret",
                out.resolve("secret.key"),
                "--images",
                path("images.csv"),
                "--out",
                out.resolve("inputs.veil"));
        Cli.done(
                "infer",
                "--model",
                out.resolve("model.veil"),
                "--keys",
                out.resolve("evaluation.keys"),
                "--in",
                out.resolve("inputs.veil"),
                "--out",
                out.resolve("outputs.veil"));
    }

    private static Cli decrypt(Path out, Object... more) {
        List<Object> args = new ArrayList<>(List.of(
                "decrypt",
                "--spec",
                out.resolve("client.veil"),
                "--secret",
                out.resolve("secret.key"),
                "--in",
                out.resolve("outputs.veil")));
        args.addAll(Arrays.asList(more));
        return Cli.run(args.toArray());
    }

    @Test
    void compile_withSamples_showsRangesAndPublishesRoundedLogits() throws IOException {
        Path out = newFolder("sampled");
        Path json = path("compile.json");
        Cli compiled = compile(
                out, "--log-n", 10, "--mean", 100, "--std", 60, "--samples", path("images.csv"), "--json", json);
        assertThat(compiled.err()).isEmpty();
        assertThat(compiled.out()).containsPattern("estimated precision, at least +[0-9]+\\.[0-9] bits");
        JsonNode record = Cli.json(json);
        assertThat(record.get("samples").asInt()).isEqualTo(IMAGES);
        assertThat(record.get("headroomBits").asDouble()).isBetween(2.0, 20.0);
        assertThat(record.get("ranges").size()).isGreaterThan(1);
        double estimated = record.get("estimatedPrecisionBits").asDouble();
        assertThat(estimated).isGreaterThan(10);
        assertThat(Cli.done("inspect", out.resolve("model.veil")).out())
                .contains("headroom", "largest result that fits");
        assertThat(Cli.done("inspect", out.resolve("client.veil")).out())
                .contains("0.0 to 255.0")
                .contains("multiples of 2^-" + ((int) Math.floor(estimated) - 3));
        classify(out);
        Cli decrypted = decrypt(out, "--logits", path("logits.csv"), "--out", path("classes.txt"), "--json", json);
        assertThat(decrypted.err()).isEmpty();
        assertThat(decrypted.out()).doesNotContain("WARNING");
        int bits = Cli.json(json).get("publishedBits").asInt();
        assertThat(bits).isEqualTo((int) Math.floor(estimated) - 3);
        assertThat(Cli.json(json).get("imagesNearCapacity").asInt()).isZero();
        List<String> lines = Files.readAllLines(path("logits.csv"));
        assertThat(lines).hasSize(IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            double[] logits = Arrays.stream(lines.get(i).split(",", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            assertThat(Math.scalb(logits[3], bits)).isEqualTo(Math.rint(Math.scalb(logits[3], bits)));
            assertThat(softmax(logits)).as("seed %d image %d", SEED, i).containsExactly(want[i], within(1e-3));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void decrypt_diskFull_failsWithOneLineThatNamesTheFile() throws IOException {
        Path out = newFolder("full");
        assertThat(compile(out, "--log-n", 10, "--mean", 100, "--std", 60, "--samples", path("images.csv"))
                        .err())
                .isEmpty();
        classify(out);
        for (String option : new String[] {"--out", "--logits"}) {
            assertRefused(decrypt(out, option, "/dev/full"), 1, "out=/dev/full", "No space left");
        }
        assertRefused(decrypt(out, "--out", out), 1, "is a folder");
    }

    private static double[] softmax(double[] logits) {
        double[] e = Arrays.stream(logits).map(Math::exp).toArray();
        double sum = Arrays.stream(e).sum();
        return Arrays.stream(e).map(x -> x / sum).toArray();
    }

    @Test
    void compile_samplesThatWouldWrapAround_areRefusedAndTheRemedyHelps() throws IOException {
        Path out = newFolder("large");
        Object[] large = {"--log-n", 10, "--mean", 0, "--std", 0.5, "--samples", path("images.csv")};
        Cli refused = compile(out, large);
        assertRefused(refused, 2, "values reach", "logOutputScale");
        assertThat(out).isEmptyDirectory();
        List<Object> remedied = new ArrayList<>(Arrays.asList(large));
        remedied.addAll(List.of("--log-output-scale", 22));
        Cli compiled = compile(out, remedied.toArray());
        assertThat(compiled.err()).isEmpty();
        assertThat(compiled.status()).isZero();
    }

    @Test
    void decrypt_valuesThatWrappedAround_warns() throws IOException {
        Path out = newFolder("wrapped");
        Cli compiled = compile(out, "--log-n", 10, "--mean", 0, "--std", 0.1);
        assertThat(compiled.err()).isEmpty();
        assertThat(compiled.out()).contains("give the compiler sample images");
        classify(out);
        Path json = path("wrapped.json");
        Cli decrypted = decrypt(out, "--json", json);
        assertThat(decrypted.status()).isZero();
        assertThat(decrypted.out()).contains("WARNING").contains("wrapped around");
        assertThat(Cli.json(json).get("imagesNearCapacity").asInt()).isPositive();
    }

    @Test
    void decrypt_withKeysOfAnotherClient_isRefused() throws IOException {
        Path mine = newFolder("mine");
        assertThat(compile(mine, "--log-n", 10, "--mean", 100, "--std", 60).err())
                .isEmpty();
        classify(mine);
        ClientSpec spec = ClientSpec.read(mine.resolve("client.veil"));
        try (ModelClient other = ModelClient.create(spec, SecurityLevel.INSECURE_TEST)) {
            Files.delete(mine.resolve("secret.key"));
            other.writeSecretKey(mine.resolve("secret.key"));
        }
        decrypt(mine).assertBadInput("key pair", "decrypt it with the secret key of that pair");
    }

    @Test
    void encrypt_pixelsBeyondTheInputRange_areRefused() throws IOException {
        Path out = newFolder("pixels");
        assertThat(compile(out, "--log-n", 10, "--mean", 0, "--std", 255).err()).isEmpty();
        Cli.done("keygen", "--spec", out.resolve("client.veil"), "--out", out, "--insecure-test-parameters");
        Files.writeString(path("deep.csv"), "65535" + ",1".repeat(SIZE * SIZE - 1) + "\n");
        Cli refused = Cli.run(
                "encrypt",
                "--spec",
                out.resolve("client.veil"),
                "--secret",
                out.resolve("secret.key"),
                "--images",
                path("deep.csv"),
                "--out",
                out.resolve("inputs.veil"));
        assertRefused(refused, 2, "image 0, element 0: 65535.0", "0.0 to 255.0");
        assertThat(out.resolve("inputs.veil")).doesNotExist();
    }

    @Test
    void compile_batch_isWhatWasAskedForOrRefused() throws IOException {
        Path out = newFolder("batch");
        Object[] normalisation = {"--mean", 100, "--std", 60};
        Path json = path("batch.json");
        List<Object> large = new ArrayList<>(Arrays.asList(normalisation));
        large.addAll(List.of("--batch", 8193, "--json", json));
        assertThat(compile(out, large.toArray()).err()).isEmpty();
        assertThat(Cli.json(json).get("logN").asInt()).isEqualTo(15);
        for (int batch : new int[] {0, -5, 65_537}) {
            List<Object> bad = new ArrayList<>(Arrays.asList(normalisation));
            bad.addAll(List.of("--batch", batch));
            assertRefused(compile(out, bad.toArray()), 2, "batch=" + batch);
        }
        List<Object> fixed = new ArrayList<>(Arrays.asList(normalisation));
        fixed.addAll(List.of("--batch", 513, "--log-n", 10));
        assertRefused(compile(out, fixed.toArray()), 2, "batch=513", "512");
    }

    @Test
    void keygen_evaluationKeysCannotBeWritten_leavesNoSecretInTheWay() throws IOException {
        Path out = newFolder("half");
        assertThat(compile(out, "--log-n", 10, "--mean", 100, "--std", 60).err())
                .isEmpty();
        Path taken = Files.createDirectories(out.resolve("evaluation.keys"));
        Object[] keygen = {"keygen", "--spec", out.resolve("client.veil"), "--out", out, "--insecure-test-parameters"};
        assertRefused(Cli.run(keygen), 1, "evaluation.keys", "is a folder");
        assertThat(out.resolve("secret.key")).doesNotExist();
        Files.delete(taken);
        Cli.done(keygen);
    }

    @Test
    void json_thatIsAFolder_isNoticedBeforeTheWork() throws IOException {
        Path out = newFolder("json");
        Cli failed = compile(out, "--log-n", 10, "--mean", 100, "--std", 60, "--json", folder);
        assertRefused(failed, 1, "json=", "is a folder");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void infer_heapBelowThePlan_isOneLineWithTheFigure() throws IOException, InterruptedException {
        Path out = newFolder("heap");
        assertThat(compile(out, "--log-n", 15, "--mean", 100, "--std", 60).err())
                .isEmpty();
        classify(out);
        Path outputs = out.resolve("outputs.veil");
        Files.delete(outputs);
        Cli refused = process(
                "96m",
                "infer",
                "--model",
                out.resolve("model.veil"),
                "--keys",
                out.resolve("evaluation.keys"),
                "--in",
                out.resolve("inputs.veil"),
                "--out",
                outputs);
        assertRefused(refused, 1, "heap=", "VEIL4J_HEAP=");
        Cli client = process(
                "96m",
                "encrypt",
                "--spec",
                out.resolve("client.veil"),
                "--secret",
                out.resolve("secret.key"),
                "--images",
                path("images.csv"),
                "--out",
                outputs);
        assertRefused(client, 1, "heap=", "VEIL4J_HEAP=");
        assertThat(outputs).doesNotExist();
    }

    /** The command as a process of its own, with a heap of its own. */
    private static Cli process(String heap, Object... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                "org.veil4j.experiments.cli.Veil4jCommand"));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        Path out = path("process.out");
        Path err = path("process.err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Cli(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
