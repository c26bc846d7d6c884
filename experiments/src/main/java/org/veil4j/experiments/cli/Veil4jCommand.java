package org.veil4j.experiments.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.veil4j.experiments.report.RunRecord;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code veil4j} command. */
@Command(
        name = "veil4j",
        description = "Private deep learning for Deeplearning4j: networks on encrypted images.",
        mixinStandardHelpOptions = true,
        versionProvider = Veil4jCommand.Version.class,
        subcommands = {
            DemoCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            CompileCommand.class,
            KeygenCommand.class,
            EncryptModelCommand.class,
            EncryptCommand.class,
            InferCommand.class,
            DecryptCommand.class,
            FeaturesCommand.class,
            EncryptFeaturesCommand.class,
            TrainHeadCommand.class,
            RefreshHeadCommand.class,
            DecryptHeadCommand.class,
            PredictCommand.class,
            InspectCommand.class,
            AccountCommand.class,
            AuditCommand.class,
            MembershipCommand.class,
            BenchCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "1:failed", "2:bad usage or bad input"})
public final class Veil4jCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    Veil4jCommand() {
        spec = CommandSpec.create();
    }

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] args) {
        Charset charset = Charset.defaultCharset();
        PrintWriter err = new PrintWriter(System.err, true, charset);
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught(err, thread, e));
        int status = run(new PrintWriter(System.out, true, charset), err, args);
        System.out.flush();
        System.exit(status);
    }

    /** Says on one line what ended a thread; what a worker runs out of memory for, the thread that waits for it says. */
    static void uncaught(PrintWriter err, Thread thread, Throwable e) {
        if (!(e instanceof OutOfMemoryError)) {
            err.println("veil4j: " + thread.getName() + ": " + Failures.message(e));
        }
    }

    /**
     * Runs the command in this process.
     *
     * @param out takes results
     * @param err takes error messages
     * @param args the verb and its arguments
     * @return the exit status: 0 done, 1 failed, 2 bad usage or bad input
     */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Failures failures = new Failures();
        CommandLine command = new CommandLine(new Veil4jCommand())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures);
        int status;
        try {
            status = command.execute(args);
        } catch (OutOfMemoryError e) {
            err.println("veil4j: " + Failures.message(e));
            return Failures.FAILED;
        }
        // A writer of text says nothing of a full disk unless asked.
        if (out.checkError() && status == 0) {
            err.println("veil4j: standard output cannot be written (its disk is full, or its reader has gone); what was"
                    + " printed is incomplete");
            return Failures.FAILED;
        }
        return status;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "name a verb: " + String.join(", ", spec.subcommands().keySet()));
    }

    /** Prints the program's and the platform's version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "veil4j " + RunRecord.version(), "Java " + System.getProperty("java.vm.version"),
            };
        }
    }
}
