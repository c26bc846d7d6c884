package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.packed.PackedStage;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecurityLevel;

/** Searches what a server has of an encrypted model for weights: its file, and all objects that it can reach. */
class NoClearWeightsTest {
    @TempDir
    static Path folder;

    private static List<double[]> weights = List.of();
    private static List<Object> servers = List.of();
    private static final NetworkGraph GRAPH = ReferenceNetwork.smallCryptoNet(new Random(31));
    private static final Compilation COMPILED =
            ModelCompiler.compile(GRAPH, EncryptedWeightsTest.options().build());

    @BeforeAll
    static void encrypt() throws IOException {
        CompiledModel owners = COMPILED.model();
        weights = new ArrayList<>();
        for (PackedStage stage :
                ((PackedProgram) owners.program()).ownedWeights().stages()) {
            weights.add(stage.bias());
            for (SparseMatrix m : stage.matrices()) {
                double[] values = new double[m.entries()];
                for (int k = 0; k < values.length; k++) {
                    values[k] = m.value(k);
                }
                weights.add(values);
            }
        }
        owners.write(folder.resolve("owners"));
        try (ModelClient owner = ModelClient.create(COMPILED.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            owner.encryptModelTo(owners, folder.resolve("encrypted"), InferenceListener.NONE);
            COMPILED.clientSpec().write(folder.resolve("client"));
            ModelServer server = ModelServer.create(owner.encryptModel(owners), owner.evaluationKeys());
            double[][] images = {new double[GRAPH.inputShape().size()]};
            server.infer(owner.encrypt(ImageBatch.of(images), null), InferenceListener.NONE);
            servers = List.of(server, CompiledModel.read(folder.resolve("encrypted")));
        }
    }

    /** Eight bytes each: weights as doubles, pairs of floats, and pairs of integers at scales of whole bits. */
    private static Set<Long> patterns() {
        Set<Long> patterns = new HashSet<>();
        for (double[] values : weights) {
            for (int k = 0; k < values.length; k++) {
                add(patterns, Double.doubleToLongBits(values[k]), values[k]);
                double next = values[(k + 1) % values.length];
                add(
                        patterns,
                        pair(Float.floatToIntBits((float) values[k]), Float.floatToIntBits((float) next)),
                        values[k]);
                for (int bits = 20; bits <= 31; bits++) {
                    int scaled = (int) Math.rint(Math.scalb(values[k], bits));
                    add(patterns, pair(scaled, (int) Math.rint(Math.scalb(next, bits))), values[k]);
                }
            }
        }
        return patterns;
    }

    private static long pair(int first, int second) {
        return (long) first << 32 | second & 0xffffffffL;
    }

    /** In both orders of bytes; not of numbers that are everywhere, as zero is. */
    private static void add(Set<Long> patterns, long pattern, double value) {
        if (isTelling(value)) {
            patterns.add(pattern);
            patterns.add(Long.reverseBytes(pattern));
        }
    }

    private static boolean isTelling(double value) {
        return Math.abs(value) > 1e-3 && Math.scalb(value, 12) != Math.rint(Math.scalb(value, 12));
    }

    private static int found(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name)));
        Set<Long> patterns = patterns();
        int found = 0;
        for (int at = 0; at + 8 <= bytes.limit(); at++) {
            found += patterns.contains(bytes.getLong(at)) ? 1 : 0;
        }
        return found;
    }

    @Test
    void files_ofServerAndClients_holdNoWeight() throws IOException {
        assertThat(found("owners")).as("the search finds what is there").isGreaterThan(100);
        assertThat(found("encrypted")).isZero();
        assertThat(found("client")).isZero();
    }

    @Test
    void server_everythingItReaches_holdsNoWeightAndNoSecret() {
        Set<Double> telling = new HashSet<>();
        for (double[] values : weights) {
            for (double v : values) {
                if (isTelling(v)) {
                    telling.add(v);
                }
            }
        }
        assertThat(leaks(COMPILED.model(), telling))
                .as("the search finds what is there")
                .isNotEmpty();
        for (Object server : servers) {
            assertThat(leaks(server, telling)).isEmpty();
        }
    }

    /** Types of reachable objects that hold a weight, or may. */
    private static Set<String> leaks(Object root, Set<Double> telling) {
        Set<String> leaks = new HashSet<>();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Object o = open.pop();
            if (!seen.add(o)) {
                continue;
            }
            if (o instanceof SparseMatrix || o instanceof PackedStage || o instanceof SecretKey) {
                leaks.add(o.getClass().getName());
            } else if (o instanceof Double d && telling.contains(d)) {
                leaks.add("Double");
            } else if (o instanceof double[] values) {
                for (double v : values) {
                    if (telling.contains(v)) {
                        leaks.add("double[]");
                    }
                }
            } else if (o instanceof Iterable<?> many && o.getClass().getName().startsWith("java.")) {
                many.forEach(x -> push(open, x));
            } else if (o instanceof Map<?, ?> map) {
                map.forEach((k, v) -> {
                    push(open, k);
                    push(open, v);
                });
            } else if (o.getClass().isArray()) {
                for (int i = 0;
                        i < Array.getLength(o)
                                && !o.getClass().getComponentType().isPrimitive();
                        i++) {
                    push(open, Array.get(o, i));
                }
            } else {
                pushFields(open, o);
            }
        }
        assertThat(seen).hasSizeGreaterThan(100);
        return leaks;
    }

    private static void pushFields(Deque<Object> open, Object o) {
        for (Class<?> type = o.getClass(); type != null && type.getName().startsWith("org.veil4j"); ) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
                    continue;
                }
                field.setAccessible(true);
                try {
                    push(open, field.get(o));
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
            type = type.getSuperclass();
        }
    }

    private static void push(Deque<Object> open, @Nullable Object o) {
        if (o != null) {
            open.push(o);
        }
    }
}
