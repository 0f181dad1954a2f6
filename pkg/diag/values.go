package diag

// Values are the details of a failure, by the names that the hints of its kind have for
// them.
type Values map[string]Value

// Value is a [Text], [Texts], a [Position] or [Positions].
type Value interface {
	// texts returns the texts of it that hints show, none if there is nothing to show. path
	// translates the names of files.
	texts(path func(string) string) []string
	// renamed returns it with other positions.
	renamed(name func(Position) Position) Value
}

// Text is a value that is shown as it is.
type Text string

// Texts are values that are shown one by one.
type Texts []string

// Positions are values like a [Position].
type Positions []Position

func (v Values) texts(name string, path func(string) string) []string {
	if value := v[name]; value != nil {
		return value.texts(path)
	}
	return nil
}

func (t Text) texts(func(string) string) []string {
	if t == "" {
		return nil
	}
	return []string{string(t)}
}

func (t Texts) texts(func(string) string) []string { return t }

func (p Position) texts(path func(string) string) []string {
	p.File = path(p.File)
	return []string{p.String()}
}

func (p Positions) texts(path func(string) string) []string {
	var all []string
	for _, one := range p {
		all = append(all, one.texts(path)...)
	}
	return all
}

func (t Text) renamed(func(Position) Position) Value          { return t }
func (t Texts) renamed(func(Position) Position) Value         { return t }
func (p Position) renamed(name func(Position) Position) Value { return name(p) }

func (p Positions) renamed(name func(Position) Position) Value {
	out := make(Positions, len(p))
	for i, one := range p {
		out[i] = name(one)
	}
	return out
}
