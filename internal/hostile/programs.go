package hostile

func programs() Area {
	return Area{
		Bounded: bounded("directories of a revision, as deep as a path is long", "pkg/git.node.add", "pkg/git.node.sort"),
	}
}
