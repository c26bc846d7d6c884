package org.veil4j.he.architecture.bad.rlwe;

/** A secret. */
public class SecretKey {}
