package jsonnet

import "math"

// mathNatives are the functions on numbers and booleans.
func mathNatives() []*native {
	all := []*native{
		newNative("abs(*n)", func(ev *evaluator, a []value, at *site) value {
			if !a[0].isNumber() {
				return ev.written("abs", a, at)
			}
			if a[0].num > 0 {
				return a[0]
			}
			return number(-a[0].num)
		}),
		newNative("sign(n)", func(ev *evaluator, a []value, at *site) value {
			switch {
			case !a[0].isNumber():
				return ev.written("sign", a, at)
			case a[0].num > 0:
				return number(1)
			case a[0].num < 0:
				return number(-1)
			}
			return number(0)
		}),
		choice("max", func(x, y float64) bool { return x > y }),
		choice("min", func(x, y float64) bool { return x < y }),
		newNative("clamp(x, minVal, &maxVal) number", clamp),
		newNative("modulo(x, y)", func(ev *evaluator, a []value, at *site) value {
			return ev.modulo(ev.number(a[0], at), ev.number(a[1], at), at)
		}),
		truth("xor(x, y)", func(x, y bool) bool { return x != y }),
		truth("xnor(x, y)", func(x, y bool) bool { return x == y }),
	}
	for signature, f := range map[string]func(float64) float64{
		"sqrt(x)": math.Sqrt, "ceil(*x)": math.Ceil, "floor(*x)": math.Floor, "round(*x)": math.Round,
		"sin(x)": math.Sin, "cos(x)": math.Cos, "tan(x)": math.Tan,
		"asin(x)": math.Asin, "acos(x)": math.Acos, "atan(x)": math.Atan,
		"log(x)": math.Log, "exp(x)": math.Exp, "mantissa(x)": mantissa, "exponent(x)": exponent,
	} {
		all = append(all, newNative(signature, func(ev *evaluator, a []value, at *site) value {
			return ev.finite(f(ev.number(a[0], at)), at)
		}))
	}
	for signature, f := range map[string]func(x, y float64) float64{
		"pow(x, n)": math.Pow, "hypot(x, y) number": math.Hypot, "atan2(y, x) number": math.Atan2,
	} {
		all = append(all, newNative(signature, func(ev *evaluator, a []value, at *site) value {
			return ev.finite(f(ev.number(a[0], at), ev.number(a[1], at)), at)
		}))
	}
	for signature, f := range map[string]func(float64) bool{
		"isEven(x)":    func(x float64) bool { return math.Mod(math.Trunc(x), 2) == 0 },
		"isOdd(x)":     func(x float64) bool { return math.Mod(math.Trunc(x), 2) != 0 },
		"isInteger(x)": func(x float64) bool { return fraction(x) == 0 },
		"isDecimal(x)": func(x float64) bool { return fraction(x) != 0 },
	} {
		all = append(all, newNative(signature, func(ev *evaluator, a []value, at *site) value {
			return boolean(f(ev.number(a[0], at)))
		}))
	}
	return append(all, converted("deg2rad", math.Pi, 180), converted("rad2deg", 180, math.Pi),
		logarithm("log2", 2), logarithm("log10", 10))
}

func fraction(x float64) float64 {
	_, f := math.Modf(x)
	return f
}

func mantissa(x float64) float64 {
	m, _ := math.Frexp(x)
	return m
}

func exponent(x float64) float64 {
	_, e := math.Frexp(x)
	return float64(e)
}

func (ev *evaluator) modulo(x, y float64, at *site) value {
	if y == 0 {
		ev.fail(at, "Division by zero.")
	}
	return ev.finite(math.Mod(x, y), at)
}

// choice returns the native that chooses one of two numbers: the first if it is better.
func choice(name string, better func(x, y float64) bool) *native {
	return newNative(name+"(a, &b)", func(ev *evaluator, a []value, at *site) value {
		if !a[0].isNumber() {
			return ev.written(name, a, at)
		}
		b := ev.argument(a[1], at)
		if !b.isNumber() {
			return ev.written(name, a, at)
		}
		if better(a[0].num, b.num) {
			return a[0]
		}
		return b
	}).from((*tracer).extreme)
}

func clamp(ev *evaluator, a []value, at *site) value {
	if ev.compare(a[0], a[1], at) < 0 {
		return a[1]
	}
	most := ev.argument(a[2], at)
	if ev.compare(a[0], most, at) > 0 {
		return most
	}
	return a[0]
}

func truth(signature string, f func(x, y bool) bool) *native {
	return newNative(signature, func(ev *evaluator, a []value, at *site) value {
		return boolean(f(ev.boolean(a[0], at), ev.boolean(a[1], at)))
	})
}

// converted returns the native for x * factor / divisor.
func converted(name string, factor, divisor float64) *native {
	return newNative(name+"(x) number", func(ev *evaluator, a []value, at *site) value {
		product := ev.finite(ev.number(a[0], at)*factor, at)
		return ev.finite(product.num/divisor, at)
	})
}

func logarithm(name string, base float64) *native {
	return newNative(name+"(x) number", func(ev *evaluator, a []value, at *site) value {
		log := ev.finite(math.Log(ev.number(a[0], at)), at)
		return ev.finite(log.num/math.Log(base), at)
	})
}
