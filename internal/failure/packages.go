package failure

// The kinds of failures of packages and the files that declare them.
const (
	NoPackageFile = "no-package-file"
	NewerFile     = "newer-file"
	// BadRemote is an invalid address. RefusedRemote is one that mop does not give to git.
	BadRemote     = "bad-remote"
	RefusedRemote = "refused-remote"
	// BadPackage is an argument that names no package. UndeclaredPackage names a package
	// that is not declared, NeededPackage one that only other packages declare.
	BadPackage        = "bad-package"
	UndeclaredPackage = "undeclared-package"
	NeededPackage     = "needed-package"
	// Faults of a local package.
	NoLocalPackage  = "no-local-package"
	NameByDirectory = "name-by-directory"
	ClosedPackage   = "closed-package"
	// The repository is missing, or its contents are wrong.
	NoRepository = "no-repository"
	NoVersion    = "no-version"
	BadContents  = "bad-contents"
	OtherSum     = "other-sum"
	TwoVersions  = "two-versions"
	TakenName    = "taken-name"
	// The vendor directory, or something in it, is wrong.
	FixedVendor     = "fixed-vendor"
	MissingPackage  = "missing-package"
	ChangedPackage  = "changed-package"
	UnlockedPackage = "unlocked-package"
)

// Busy is a directory that another process changes.
const Busy = "busy"

// packages is the part of the table that is about packages.
var packages = []row{
	{NoPackageFile, "The project has no jsonnetfile.json, which declares packages.", []string{
		"create an empty \"jsonnetfile.json\" ({}) in the project's root; mop vendor add declares a package in it",
	}},
	{NewerFile, "A file of packages has a version that mop does not know.", []string{
		"the file is for a newer jsonnet-bundler",
	}},
	{BadRemote, "A package's remote is no address of a git repository.", []string{
		"such as https://github.com/user/repository.git or ssh://git@example.com/user/repository.git",
	}},
	{RefusedRemote, "A package's remote is an address that git would take for something else.", []string{
		"<by> needs it",
	}},
	{BadPackage, "An argument names no package.", []string{
		"for example: github.com/grafana/jsonnet-libs/ksonnet-util@master",
	}},
	{UndeclaredPackage, "An argument names a package that is not declared.", []string{
		"did you mean <near>? || mop vendor list names them",
	}},
	{NeededPackage, "A package that is to be removed is declared by other packages only.", []string{
		"other packages need it; mop vendor list tells which",
	}},
	{NoLocalPackage, "A local package is no directory.", []string{
		"it is relative to the <file> that declares it",
	}},
	{NameByDirectory, "A local package has the name of the directory that mop runs in, which is not the one that declares it.", []string{
		"go to the project's root",
	}},
	{ClosedPackage, "A local package lies where no file is read.", []string{
		"put a jsonnetfile.json ({}) into its directory, which says that it is a package",
	}},
	{NoRepository, "A package's repository is not to be had.", []string{
		"try what mop runs: git ls-remote <remote>",
		"<by> needs it",
	}},
	{NoVersion, "A package's repository does not have the version.", []string{
		"did you mean <near>?",
		"its default branch is <default>",
		"<by> needs it",
	}},
	{BadContents, "A repository has something that is no package at a version.", []string{
		"see what the repository has at that version; nothing was installed",
		"<by> needs it",
	}},
	{OtherSum, "A repository has, at a version, something else than when the version was locked.", []string{
		"if the new contents of version <version> are right, take them with: mop vendor update <name>",
		"else find out who changed the repository or what is between it and here",
		"<by> needs it",
	}},
	{TwoVersions, "Two packages want a third one in two versions.", []string{
		"choose one: mop vendor add <package>",
	}},
	{TakenName, "The short name of a package is another's.", []string{
		"import it by its whole name",
	}},
	{FixedVendor, "The vendor directory cannot be exchanged with a new one.", []string{
		"remove it, if it can be, and install again",
		"or install into another directory, with --vendor",
	}},
	{MissingPackage, "A package that is imported is declared but not installed.", []string{
		"run mop vendor install",
	}},
	{ChangedPackage, "An installed package differs from the locked one.", []string{
		"to have what is locked: mop vendor install",
		"to have the newest: mop vendor update <name>",
	}},
	{UnlockedPackage, "An installed package is not locked.", []string{
		"to have it as it is upstream, and locked: mop vendor install",
	}},
	{Busy, "Another mop writes into a directory.", []string{
		"wait until it is done; <lock> does not hold up anyone once its process is gone",
	}},
}
