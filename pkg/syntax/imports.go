package syntax

// Reference is an import of a file.
type Reference struct {
	// Kind is [Import], [ImportStr] or [ImportBin].
	Kind Kind
	// Path is what the import names.
	Path string
	// Offset is where the import begins.
	Offset int
}

// Imports returns what text imports, in order: each word that begins an import
// with the string after it. Nothing else has a path, because Jsonnet computes
// none. It reads tokens only: of a text that is a program it finds all imports in
// it and no others, and it finds them, too, in one that has tokens but is none.
//
// The error is an *[Error] if the text has no tokens, if no string follows, or if
// brackets do not close one another.
func Imports(text string) ([]Reference, error) {
	var found []Reference
	var open []Token // brackets
	l := NewLexer(text)
	for {
		t, err := l.Next()
		if err != nil {
			return nil, err
		}
		switch t.Kind {
		case EOF:
			if len(open) > 0 {
				return nil, &Error{open[len(open)-1].Begin, open[len(open)-1].End, "bracket that nothing closes"}
			}
			return found, nil
		case Symbol:
			switch c := text[t.Begin]; c {
			case '(', '[', '{':
				if len(open) == mostOpen {
					return nil, &Error{t.Begin, t.End, "nested too deeply"}
				}
				open = append(open, t)
			case ')', ']', '}':
				if len(open) == 0 || closing[text[open[len(open)-1].Begin]] != c {
					return nil, &Error{t.Begin, t.End, "bracket that closes nothing"}
				}
				open = open[:len(open)-1]
			}
		case Import, ImportStr, ImportBin:
			path, err := l.Next()
			if err != nil {
				return nil, err
			}
			if !path.Kind.IsString() {
				return nil, &Error{t.Begin, t.End, "want a string after the import, which cannot be computed"}
			}
			decoded, err := Text(text, path)
			if err != nil {
				return nil, err
			}
			found = append(found, Reference{t.Kind, decoded, t.Begin})
		}
	}
}

// mostOpen is how many brackets may be open: more than any program has.
const mostOpen = 10_000

// closing has the brackets that close others.
var closing = [256]byte{'(': ')', '[': ']', '{': '}'}
