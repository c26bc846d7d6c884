package org.veil4j.he.io;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A file that appears under its final name only when it is complete: written beside it under a temporary name, flushed to the
 * disk and renamed by {@link #commit}. A target that exists and is no regular file (a pipe, a device) is written directly.
 * Closing without commit deletes the temporary file. Not thread-safe.
 */
public final class FileTarget implements AutoCloseable {
    /** Temporary files to delete when the process is interrupted. */
    private static final Set<Path> PENDING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(FileTarget::deletePending, "veil4j-temporary-files"));
    }

    private final Path target;
    private final @Nullable Path temporary;
    private final @Nullable FileChannel channel;
    private final OutputStream out;
    private boolean done;

    private FileTarget(Path target, @Nullable Path temporary, @Nullable FileChannel channel, OutputStream out) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.out = out;
    }

    /**
     * Starts a file.
     *
     * @param file the final name; an existing regular file is replaced on commit
     * @param ownerOnly whether nobody but the owner may read it (where the file system knows permissions)
     * @throws IOException if the folder does not exist or cannot be written, or if {@code file} is a folder
     */
    public static FileTarget create(Path file, boolean ownerOnly) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("out=" + file + ": is a folder; name a file");
        }
        // Under the name given: /dev/stdout, where it is a pipe, has no real path.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            return new FileTarget(file, null, null, Files.newOutputStream(file, StandardOpenOption.WRITE));
        }
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException("out=" + file + ": its folder does not exist; create it first");
        }
        Path temporary = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            FileChannel channel = open(temporary, ownerOnly);
            PENDING.add(temporary);
            return new FileTarget(target, temporary, channel, Channels.newOutputStream(channel));
        } catch (IOException e) {
            throw new IOException("out=" + file + ": cannot be written (" + reason(e) + "); choose another place", e);
        }
    }

    private static FileChannel open(Path file, boolean ownerOnly) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = ownerOnly && posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(file, options, attributes);
    }

    /** Returns the stream to write to. It is not buffered. */
    public OutputStream stream() {
        return out;
    }

    /**
     * Makes the file appear under its final name.
     *
     * @throws IOException if it cannot be completed; then nothing appears
     */
    public void commit() throws IOException {
        if (done) {
            throw new IllegalStateException("file=" + target + ": already committed or closed");
        }
        out.flush();
        if (channel != null) {
            channel.force(true);
        }
        out.close();
        if (temporary != null) {
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
            PENDING.remove(temporary);
        }
        done = true;
    }

    /** Releases the file; without a commit before, nothing is left of it. */
    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        try {
            out.close();
        } finally {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
                PENDING.remove(temporary);
            }
        }
    }

    /** What the operating system says, without the temporary name that the platform puts before it. */
    static String reason(IOException e) {
        if (e instanceof java.nio.file.FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "access denied";
        }
        if (e instanceof java.nio.file.NoSuchFileException) {
            return "no file can be made there";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static void deletePending() {
        for (Path file : PENDING) {
            try {
                if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
