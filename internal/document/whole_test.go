package document

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// differs agrees with math/big.
func TestDiffers(t *testing.T) {
	exactly := func(text string, base int, x float64) bool {
		exact, ok := new(big.Int).SetString(text, base)
		y, _ := big.NewFloat(x).Int(nil)
		return ok && exact.Cmp(y) != 0
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		x := math.Trunc(math.Ldexp(random.Float64()-0.5, random.IntN(200)))
		y, _ := big.NewFloat(x).Int(nil)
		y.Add(y, big.NewInt(int64(random.IntN(3)-1)))
		sign, magnitude := "", new(big.Int).Abs(y)
		if y.Sign() < 0 {
			sign = "-"
		}
		for _, text := range []string{y.String(), sign + fmt.Sprintf("%#x", magnitude), sign + strings.ToUpper(fmt.Sprintf("%#x", magnitude)), sign + "0o" + magnitude.Text(8), sign + "0" + magnitude.Text(8), sign + fmt.Sprintf("%#b", magnitude)} {
			assert.Equal(t, exactly(text, 0, x), differs(text, 0, x), "%s %v", text, x)
		}
		assert.Equal(t, exactly(y.String(), 10, x), differs(y.String(), 10, x), "%v %v", y, x)
	}
	for _, text := range []string{"", "-", "+", "+1", "-0", "0", "0x", "0b12", "09", "1e20", "12.5", "0x1.8", "1x", "00000000000000000012", "9007199254740993", "-9007199254740993", "/", ":", "0xg", "@", "`", "{"} {
		for _, base := range []int{0, 10} {
			for _, x := range []float64{0, 1, -1, 12, 10, 9007199254740992, -9007199254740992, math.MaxFloat64} {
				assert.Equal(t, exactly(text, base, x), differs(text, base, x), "%q %d %v", text, base, x)
			}
		}
	}
}
