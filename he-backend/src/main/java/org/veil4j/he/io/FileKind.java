package org.veil4j.he.io;

import org.jspecify.annotations.Nullable;

/** What a file holds. Each kind has a 4-character tag in the header and a name for messages. */
public enum FileKind {
    /** A parameter set alone; public. */
    PARAMETERS("PARM", "parameters"),
    /** What a client needs to make keys, encrypt and decrypt; public. */
    CLIENT_SPEC("SPEC", "client specification"),
    /** A secret key; files of this kind are readable by their owner only. */
    SECRET_KEY("SKEY", "secret key"),
    /** A public encryption key. */
    PUBLIC_KEY("PKEY", "public key"),
    /** The keys that a server computes with. */
    EVALUATION_KEYS("EVAL", "evaluation keys"),
    /** A compiled network, with its weights in the clear or encrypted. */
    MODEL("MODL", "compiled model"),
    /** A compiled network with weights that are still to be encrypted; readable by its owner only. */
    OWNER_MODEL("OMDL", "owner's model"),
    /** Encrypted inputs. */
    INPUT("INPT", "encrypted inputs"),
    /** Encrypted outputs. */
    OUTPUT("OUTP", "encrypted outputs"),
    /** The plan of an encrypted training run; public. */
    TRAINING_PLAN("MPLN", "training plan"),
    /** What the owner of encrypted features keeps to decrypt what was learned; readable by its owner only. */
    FEATURE_OWNER("FOWN", "feature owner's record"),
    /** Encrypted features and labels. */
    FEATURES("FEAT", "encrypted features"),
    /** Encrypted weights on their way: what is refreshed, or kept to resume. */
    WEIGHTS("WGHT", "encrypted weights"),
    /** An encrypted trained classifier. */
    ENCRYPTED_HEAD("EHED", "encrypted classifier head"),
    /** A trained classifier in the clear; readable by its owner only. */
    CLASSIFIER_HEAD("HEAD", "classifier head"),
    /** A ciphertext, or several, outside of any model. */
    CIPHERTEXT("CTXT", "ciphertexts");

    private final String tag;
    private final String title;

    FileKind(String tag, String title) {
        this.tag = tag;
        this.title = title;
    }

    /** Returns the four ASCII characters that stand for this kind in a file's header. */
    public String tag() {
        return tag;
    }

    /** Returns the name for people, such as "evaluation keys". */
    public String title() {
        return title;
    }

    /** Returns whether files of this kind must be readable by their owner only. */
    public boolean isSecret() {
        return this == SECRET_KEY || this == OWNER_MODEL || this == FEATURE_OWNER || this == CLASSIFIER_HEAD;
    }

    static @Nullable FileKind ofTag(String tag) {
        for (FileKind kind : values()) {
            if (kind.tag.equals(tag)) {
                return kind;
            }
        }
        return null;
    }
}
