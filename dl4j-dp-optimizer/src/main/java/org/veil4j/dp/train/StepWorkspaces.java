package org.veil4j.dp.train;

import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;

/** The workspaces of a training step: those that DL4J's own fit uses, under the same names. */
final class StepWorkspaces {
    private static final String ALL = "WS_ALL_LAYERS_ACT";
    private static final String WORKING = "WS_LAYER_WORKING_MEM";

    private StepWorkspaces() {}

    static LayerWorkspaceMgr of(
            WorkspaceMode mode,
            WorkspaceConfiguration all,
            WorkspaceConfiguration working,
            @Nullable Map<String, Pointer> helpers) {
        LayerWorkspaceMgr workspaces = mode == WorkspaceMode.NONE
                ? LayerWorkspaceMgr.noWorkspaces()
                : LayerWorkspaceMgr.builder()
                        .with(ArrayType.INPUT, ALL, all)
                        .with(ArrayType.ACTIVATIONS, ALL, all)
                        .with(ArrayType.FF_WORKING_MEM, WORKING, working)
                        .with(ArrayType.BP_WORKING_MEM, WORKING, working)
                        .with(ArrayType.UPDATER_WORKING_MEM, ALL, all)
                        .build();
        workspaces.setHelperWorkspacePointers(helpers);
        return workspaces;
    }
}
