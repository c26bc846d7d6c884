package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountCommandTest {
    @TempDir
    Path folder;

    @Test
    void account_stepsAndRate_printsTheStatementAndTheRecord() throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = run("--sampling-rate .04 --noise-multiplier 1.5 --steps 2250 --delta 1e-5 --json " + json);
        assertThat(done.err()).isEmpty();
        assertThat(done.status()).isZero();
        assertThat(done.out())
                .contains("epsilon = 7.32912")
                .contains("one training example")
                .contains("add or remove one example")
                .contains("Poisson")
                .contains("order 3.9")
                .contains("PRV")
                .contains("does not cover");
        JsonNode record = Cli.json(json);
        assertThat(record.get("verb").asText()).isEqualTo("account");
        assertThat(record.get("epsilonRdp").asDouble()).isCloseTo(7.32911117143, within(1e-9));
        assertThat(record.get("epsilon").asDouble())
                .isEqualTo(record.get("epsilonRdp").asDouble());
        assertThat(record.get("order").asDouble()).isEqualTo(3.9);
        assertThat(record.get("epsilonPrv").asDouble()).isBetween(6.76, 6.79);
        assertThat(record.get("prvErrorBound").asDouble()).isBetween(1e-4, 0.011);
        assertThat(record.get("noiseMultiplier").asDouble()).isEqualTo(1.5);
        assertThat(record.get("samplingRate").asDouble()).isEqualTo(0.04);
        assertThat(record.get("steps").asLong()).isEqualTo(2250);
        assertThat(record.get("delta").asDouble()).isEqualTo(1e-5);
        assertThat(record.get("secondsAccounting").asDouble()).isPositive();
        assertThat(record.get("statement").asText()).isEqualTo(done.out());
    }

    @Test
    void account_examplesBatchEpochs_areRateAndSteps() throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = run("--examples 60000 --batch 128 --epochs 10 --noise-multiplier 1 --delta 1e-5 --json " + json);
        assertThat(done.status()).as(done.err()).isZero();
        JsonNode record = Cli.json(json);
        assertThat(record.get("samplingRate").asDouble()).isEqualTo(128.0 / 60_000);
        assertThat(record.get("steps").asLong()).isEqualTo(4690);
        assertThat(record.get("warnings").size()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"rdp, 1.416, 0.0005", "prv, 1.34765625, 0.002"})
    void account_targetEpsilon_findsTheNoise(String accounting, double expected, double within) throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = run("--sampling-rate .04 --target-epsilon 8 --steps 2250 --delta 1e-5 --accounting " + accounting
                + " --json " + json);
        assertThat(done.status()).as(done.err()).isZero();
        JsonNode record = Cli.json(json);
        assertThat(record.get("noiseMultiplier").asDouble()).isCloseTo(expected, within(within));
        assertThat(record.get("epsilon").asDouble()).isBetween(7.999, 8.0);
    }

    @Test
    void account_shuffled_makesTheWeakerStatement() throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = run("--examples 60000 --batch 600 --epochs 4 --noise-multiplier 2 --delta 1e-5 --sampling shuffled"
                + " --accounting prv --json " + json);
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(done.out()).contains("zero-out").contains("nothing is gained from sampling");
        // Four Gaussian mechanisms of noise 2 are one of noise 1.
        assertThat(Cli.json(json).get("epsilon").asDouble()).isCloseTo(4.377178, within(1e-5));
        assertThat(
                        run("--examples 60000 --batch 600 --epochs 4 --target-epsilon 4.377178 --delta 1e-5 --sampling shuffled"
                                        + " --accounting prv")
                                .out())
                .contains("2.0000");
    }

    @Test
    void account_noNoise_saysThatEpsilonIsInfinite() throws IOException {
        Path json = folder.resolve("run.json");
        Cli done = run("--sampling-rate .1 --noise-multiplier 0 --steps 10 --delta 1e-5 --json " + json);
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(done.out()).contains("NOT PRIVATE").contains("infinite");
        JsonNode record = Cli.json(json);
        assertThat(record.get("epsilonRdp").asText()).isEqualTo("Infinity");
        assertThat(record.get("isPrivate").asBoolean()).isFalse();
    }

    @Test
    void account_largeDelta_isWarnedOf() {
        Cli done = run("--examples 1000 --batch 10 --steps 10 --noise-multiplier 1 --delta 1e-3");
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(done.out()).contains("WARNING: delta=0.001: not below 1/examples");
    }

    @Test
    void account_batchFile_answersEachLine() throws IOException {
        Path file = Files.write(
                folder.resolve("questions.csv"),
                List.of(
                        "# two ways of asking",
                        "samplingRate,examples,batch,steps,epochs,noiseMultiplier,targetEpsilon",
                        "",
                        "0.04,,,2250,,1.5,",
                        ",100,4,,90,,8"));
        Path json = folder.resolve("run.json");
        Cli done = run("--delta 1e-5 --noise-multiplier 9 --batch-file " + file + " --json " + json);
        assertThat(done.status()).as(done.err()).isZero();
        JsonNode answers = Cli.json(json).get("answers");
        assertThat(answers.size()).isEqualTo(2);
        assertThat(answers.get(0).get("epsilonRdp").asDouble()).isCloseTo(7.32911117143, within(1e-9));
        assertThat(answers.get(1).get("steps").asLong()).isEqualTo(2250);
        assertThat(answers.get(1).get("noiseMultiplier").asDouble()).isCloseTo(1.416, within(5e-4));
        assertThat(answers.get(1).get("secondsAccounting").asDouble()).isPositive();
        assertThat(done.out()).contains("7.3291").containsPattern("(?m)^4 ").containsPattern("(?m)^5 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "samplingRate,noise\\n0.1,1 | line 1: column \"noise\" is unknown",
                "samplingRate,samplingRate\\n0.1,1 | line 1: names a column twice",
                "samplingRate,noiseMultiplier\\n0.1 | line 2: has 1 values, must have 2",
                "samplingRate,noiseMultiplier\\n0.1,1\\n2,1 | line 3: samplingRate=2.0",
                "samplingRate,noiseMultiplier\\n#\\n0.1,x | line 3: noiseMultiplier=x: is no number",
                "samplingRate,targetEpsilon\\n0.1,1e-9 | line 2: epsilon=1.0E-9: cannot be reached",
                "samplingRate | holds no question",
                "'' | holds no question",
            })
    void account_badBatchFile_namesTheLine(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.csv"), text.replace("\\n", "\n"));
        refused("--steps 10 --delta 1e-5 --batch-file " + file, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--noise-multiplier 1 --steps 9 --delta 1e-5 | --sampling-rate: missing",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --batch 10 | --examples: missing",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --batch 10 --examples 9 | --batch=10: must be at most",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --batch 10 --examples 0 | --examples=0: must be a whole",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --batch 1.5 --examples 9 | --batch=1.5: must be a whole",
                "--noise-multiplier 1 --steps 9 --sampling-rate .1 | --delta: missing",
                "--noise-multiplier 1 --delta 1e-5 --sampling-rate .1 | --steps: missing",
                "--steps 9 --delta 1e-5 --sampling-rate .1 | --noise-multiplier: missing",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --sampling-rate .1 --batch 3 | --sampling-rate: given together",
                "--noise-multiplier 1 --steps 9 --epochs 9 --delta 1e-5 --sampling-rate .1 | --steps: given together",
                "--noise-multiplier 1 --target-epsilon 8 --steps 9 --delta 1e-5 --sampling-rate .1 | --noise-multiplier: given",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --sampling-rate 0 | samplingRate=0.0",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --sampling-rate nan | --sampling-rate=nan: is no number",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --sampling-rate NaN | samplingRate=NaN",
                "--noise-multiplier -1 --steps 9 --delta 1e-5 --sampling-rate .1 | noiseMultiplier=-1.0",
                "--noise-multiplier 1 --steps -9 --delta 1e-5 --sampling-rate .1 | --steps=-9",
                "--noise-multiplier 1 --steps 1.5 --delta 1e-5 --sampling-rate .1 | --steps=1.5",
                "--noise-multiplier 1 --steps 9 --delta 0 --sampling-rate .1 | delta=0.0",
                "--noise-multiplier 1 --steps 9 --delta 1 --sampling-rate .1 | delta=1.0",
                "--target-epsilon 0 --steps 9 --delta 1e-5 --sampling-rate .1 | epsilon=0.0",
                "--target-epsilon 1 --steps 0 --delta 1e-5 --sampling-rate .1 | steps=0",
                "--target-epsilon 1e-5 --steps 9 --delta 1e-5 --sampling-rate .1 | cannot be reached",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --sampling-rate .1 --accounting best | must be rdp or prv",
                "--noise-multiplier 1 --steps 9 --delta 1e-5 --sampling-rate .1 --sampling x | must be poisson or shuffled",
                "--batch-file nowhere.csv | nowhere.csv",
            })
    void account_badInput_isTwoWithOneLine(String arguments, String message) {
        refused(arguments, message);
    }

    private static void refused(String arguments, String message) {
        Cli bad = run(arguments);
        assertThat(bad.status()).as(bad.err()).isEqualTo(2);
        assertThat(bad.err().strip().lines()).hasSize(1);
        assertThat(bad.err()).startsWith("veil4j: ").contains(message).doesNotContain("Exception");
        assertThat(bad.out()).isEmpty();
    }

    private static Cli run(String arguments) {
        return Cli.run((Object[]) ("account " + arguments).split(" "));
    }
}
