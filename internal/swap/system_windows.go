package swap

// noFollow does nothing: whoever may make links there may do much else.
const noFollow = 0

// mountsByDevice finds no mount points.
func mountsByDevice(string) ([]string, error) { return nil, nil }
