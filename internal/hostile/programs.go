package hostile

// helmProgram is one that has a script in the place of helm.
func helmProgram(name, options, script string) Program {
	return Program{
		Name: name,
		Files: []File{
			{"main.jsonnet", text("std.native('helmTemplate')('a', './chart', { calledFrom: std.thisFile } + " + options + ")")},
			{"chart/Chart.yaml", text("apiVersion: v2\nname: a\nversion: 0.1.0\n")},
			{"bin/helm", text("#!/bin/sh\n" + script + "\n")},
		},
		Env:  []string{"TANKA_HELM_PATH=$DIR/bin/helm"},
		Args: []string{"eval", "main.jsonnet"},
	}
}

func kustomizeProgram(name, script string) Program {
	return Program{
		Name: name,
		Files: []File{
			{"main.jsonnet", text("std.native('kustomizeBuild')('./base', { calledFrom: std.thisFile })")},
			{"base/kustomization.yaml", text("resources: []\n")},
			{"bin/kustomize", text("#!/bin/sh\n" + script + "\n")},
		},
		Env:  []string{"TANKA_KUSTOMIZE_PATH=$DIR/bin/kustomize"},
		Args: []string{"eval", "main.jsonnet"},
	}
}

func programs() Area {
	const configMap = "echo 'apiVersion: v1'; echo 'kind: ConfigMap'; echo 'metadata: {name: a}'"
	return Area{
		Bounded: bounded("directories of a revision, as deep as a path is long", "pkg/git.node.add", "pkg/git.node.sort"),
		Programs: []Program{
			helmProgram("helm-hangs", "{}", "exec sleep 1000"),
			helmProgram("helm-hangs-in-child", "{}", "sleep 1000; echo"),
			helmProgram("helm-ignores-signals", "{}", "trap '' TERM INT HUP\nwhile true; do sleep 1; done"),
			helmProgram("helm-endless-output", "{}", "exec yes 'a: b'"),
			helmProgram("helm-endless-errors", "{}", "exec yes 'a: b' >&2"),
			helmProgram("helm-endless-line", "{}", "exec tr '\\0' x </dev/zero"),
			helmProgram("helm-child-keeps-output", "{}", "sleep 1000 &\n"+configMap),
			helmProgram("helm-deep-output", "{}", "head -c 1000000 /dev/zero | tr '\\0' '['"),
			helmProgram("helm-many-documents", "{}", "yes -- \"$(printf -- '---\\nkind: A')\" | head -n 2000000"),
			helmProgram("helm-alias-bomb", "{}", "cat <<'E'\n"+aliasBomb()+"E"),
			helmProgram("helm-long-error", "{}", "head -c 50000000 /dev/zero | tr '\\0' x >&2; exit 1"),
			helmProgram("helm-large-values", "{ values: { a: std.repeat('x', 150000000) } }", configMap),
			helmProgram("helm-many-calls", "{ values: { x: std.foldl(function(a, i) a + std.length(std.native('helmTemplate')('a' + i, './chart', { calledFrom: std.thisFile })), std.range(1, 100000), 0) } }", configMap),
			kustomizeProgram("kustomize-hangs", "exec sleep 1000"),
			kustomizeProgram("kustomize-endless-output", "exec yes 'a: b'"),
			kustomizeProgram("kustomize-child-keeps-output", "(trap '' TERM; sleep 1000) &\necho 'a: ['"),
			kustomizeProgram("kustomize-fails-long", "yes error | head -c 50000000 >&2; exit 1"),
		},
	}
}
