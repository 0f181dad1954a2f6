package failure

// The kinds of failures of running programs and reading YAML for Jsonnet.
const (
	ForbiddenProgram = "forbidden-program"
	NoProgram        = "no-program"
	NoCaller         = "no-caller"
	NoDirectory      = "no-directory"
	UnknownOption    = "unknown-option"
	// SameKey is two objects that would be the same field.
	SameKey      = "same-key"
	LargeInteger = "large-integer"
	OddWord      = "odd-word"
)

// The kinds of failures of exporting into a directory and of removing one.
const (
	FullDirectory   = "full-directory"
	InnerMount      = "inner-mount"
	OtherFileSystem = "other-file-system"
	NoStrategy      = "no-strategy"
	// BadIndex and BadRecord are of the two files that say where others come from.
	BadIndex  = "bad-index"
	BadRecord = "bad-record"
	// FormatFailed is a format that takes too much to make a name.
	FormatFailed = "format-failed"
	SameFile     = "same-file"
	SameLetters  = "same-letters"
	ExportedFile = "exported-file"
	ForeignFile  = "foreign-file"
	UnclearFiles = "unclear-files"
	// NothingDeleted is a deleted environment that has no files.
	NothingDeleted = "nothing-deleted"
)

// The kinds of failures with the revisions of a repository.
const (
	NoRevision   = "no-revision"
	ShallowClone = "shallow-clone"
	NoCommit     = "no-commit"
	NoAncestor   = "no-ancestor"
)

// products is the part of the table that is about programs, YAML, exports and revisions.
var products = []row{
	{ForbiddenProgram, "The code wants to run a program, and none may be run.", []string{
		"where the project's code is trusted, set <setting>; else keep what the program prints in a file, and import that || where the project's code is trusted, leave that out; else keep what the program prints in a file, and import that",
	}},
	{NoProgram, "The code wants to run a program that is not there.", []string{
		"install it, or say in <variable> where it is",
	}},
	{NoCaller, "A native function is not told which file calls it.", []string{
		"paths are relative to the file that holds the call: add calledFrom: std.thisFile",
	}},
	{NoDirectory, "A native function is given a directory that is not there.", []string{
		"looked for <name>",
	}},
	{UnknownOption, "A native function is given an option that it does not have.", []string{
		"did you mean <near>? || known fields are <known>",
	}},
	{SameKey, "Two objects that a program prints get one name in the result.", []string{
		`set opts.nameFormat, for example to '{{ print .metadata.namespace "_" .kind "_" .metadata.name | snakecase }}'`,
	}},
	{LargeInteger, "YAML or JSON has an integer that Jsonnet cannot hold.", []string{
		"quote it where text will do: numbers of Jsonnet hold integers to 2^53",
	}},
	{OddWord, "YAML has a key that is a boolean to some readers.", []string{
		"quote it if it is not meant to be a boolean",
	}},
	{FullDirectory, "An export is into a directory that is not empty.", []string{
		"the merge strategies fail-on-conflicts and replace-envs keep what is there",
	}},
	{InnerMount, "An export is into a directory that holds a mount point.", []string{
		"export into <mount> by itself, or unmount it",
	}},
	{OtherFileSystem, "An environment that is to be removed lies on another file system than the project.", []string{
		"remove its files yourself",
	}},
	{NoStrategy, "There is no merge strategy of a name.", []string{
		"did you mean <near>?",
	}},
	{BadIndex, "The manifest.json of an export cannot be understood.", []string{
		"repair it, or remove it if no file of earlier exports is to be removed",
	}},
	{BadRecord, "The .mop-manifest of an export cannot be understood.", []string{
		"repair it, or remove it: then manifest.json alone tells which file comes from which entrypoint, of whatever project",
	}},
	{FormatFailed, "To make an object's name by the format of an export takes more than there may be.", []string{
		"the name of <object> was made",
	}},
	{SameFile, "Several objects get the same file.", []string{
		"add to the format what tells them apart, such as {{env.metadata.name}} or {{.metadata.namespace}}",
	}},
	{SameLetters, "The names of two files differ in small and capital letters only.", []string{
		"on macOS and Windows they are the same file",
	}},
	{ExportedFile, "An object's file is there from an earlier export of the same environment.", []string{
		"the merge strategy replace-envs replaces the files of an environment",
	}},
	{ForeignFile, "An object's file is there from the same environment of what seems to be another project.", []string{
		"if it is the same project in another place, remove .mop-manifest: then manifest.json alone tells which file comes from which entrypoint",
	}},
	{UnclearFiles, "Files stay because nothing tells which environment of an entrypoint they are from.", []string{
		"export all environments of the entrypoint once, so that what is theirs no longer goes",
	}},
	{NothingDeleted, "No file comes from an environment that is said to be deleted.", []string{
		"the one of that name in the project <projects...> stays; export an environment of it to remove that",
	}},
	{NoRevision, "A repository does not have a revision.", []string{
		`did you mean "<near>"? || list those that are there with "git branch --all" and "git tag", get others with "git fetch"`,
	}},
	{ShallowClone, "A clone does not have a revision, and lacks a part of the history.", []string{
		`the clone is shallow: get the rest with "git fetch --unshallow"`,
	}},
	{NoCommit, "A repository has no revisions at all.", []string{
		"the repository has no commit yet",
	}},
	{NoAncestor, "Two revisions have no common ancestor.", []string{
		"where the clone is shallow, fetch more of the history: git fetch --unshallow",
	}},
}
