package org.veil4j.experiments.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.DataFileException;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.nn.MemoryBudgetExceededException;
import org.veil4j.he.rlwe.MissingEvaluationKeyException;
import org.veil4j.he.rlwe.ParameterMismatchException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns exceptions into one line on stderr and an exit status: 2 for bad usage or bad input, 1 for anything else. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    static final int FAILED = 1;
    static final int BAD_INPUT = 2;

    /** Besides IllegalArgumentException and its subtypes. */
    private static final List<Class<? extends Exception>> INPUT = List.of(
            UsageException.class,
            CorruptDataException.class,
            DataFileException.class,
            NoSuchFileException.class,
            FileNotFoundException.class,
            AccessDeniedException.class,
            NotDirectoryException.class,
            MemoryBudgetExceededException.class,
            ParameterMismatchException.class,
            MissingEvaluationKeyException.class);

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        print(command, e.getMessage() + " (try: " + command.getCommandSpec().qualifiedName() + " --help)");
        return BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, @Nullable ParseResult parsed) {
        print(command, message(e));
        if (command.getCommandSpec().userObject() instanceof Verb verb && verb.debug()) {
            e.printStackTrace(command.getErr());
        }
        return status(e);
    }

    static int status(Throwable e) {
        if (e instanceof IllegalArgumentException) {
            return BAD_INPUT;
        }
        return INPUT.stream().anyMatch(type -> type.isInstance(e)) ? BAD_INPUT : FAILED;
    }

    /** What happened, on one line. */
    static String message(Throwable e) {
        String text = e.getMessage();
        if (e instanceof NoSuchFileException f) {
            text = "file=" + f.getFile() + ": does not exist; name one that does";
        } else if (e instanceof AccessDeniedException f) {
            text = "file=" + f.getFile() + ": access denied; change its permissions";
        } else if (e instanceof OutOfMemoryError) {
            text = "out of memory (" + e.getMessage() + "); give the JVM more by VEIL4J_HEAP, such as VEIL4J_HEAP=8g";
        } else if (text == null || text.isBlank() || !(e instanceof IOException || e instanceof RuntimeException)) {
            text = e.getClass().getSimpleName() + (text == null ? "" : ": " + text);
        }
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private static void print(CommandLine command, String message) {
        command.getErr().println("veil4j: " + message.strip().replaceAll("\\s*\\R\\s*", "; "));
        command.getErr().flush();
    }
}
