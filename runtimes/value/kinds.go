package value

import "strings"

// class is how a value compares: values of different classes are never equal.
type class uint8

const (
	classNone class = iota
	classNumber
	classStr
	classBytes
	classList
	classTuple
	classSet
	classDict
	classDeque
	classRange
	classIncomparable
)

// kind is a type that Typed may have.
type kind struct {
	class class
	base  func(Value) bool // whether a base is of the right shape
}

const (
	counter     = "collections.Counter"
	orderedDict = "collections.OrderedDict"
	dictItems   = "dict_items"
	iterator    = "iterator"
	arrayPrefix = "numpy.ndarray:"
)

var kinds = map[string]kind{
	counter:                   {classDict, is[Dict]},
	orderedDict:               {classDict, is[Dict]},
	"collections.defaultdict": {classDict, is[Dict]},
	"collections.deque":       {classDeque, is[List]},
	"namedtuple":              {classTuple, is[Tuple]},
	"range":                   {classRange, isRange},
	"dict_keys":               {classSet, is[List]},
	dictItems:                 {classSet, isItems},
	"dict_values":             {classIncomparable, is[List]},
	iterator:                  {classIncomparable, is[List]},
	"bytearray":               {classBytes, is[Bytes]},
	"numpy.bool":              {classNumber, is[Bool]},
	"numpy.int8":              {classNumber, isInt},
	"numpy.int16":             {classNumber, isInt},
	"numpy.int32":             {classNumber, isInt},
	"numpy.int64":             {classNumber, isInt},
	"numpy.longlong":          {classNumber, isInt},
	"numpy.uint8":             {classNumber, isInt},
	"numpy.uint16":            {classNumber, isInt},
	"numpy.uint32":            {classNumber, isInt},
	"numpy.uint64":            {classNumber, isInt},
	"numpy.ulonglong":         {classNumber, isInt},
	"numpy.float16":           {classNumber, is[Float]},
	"numpy.float32":           {classNumber, is[Float]},
	"numpy.float64":           {classNumber, is[Float]},
	"numpy.longdouble":        {classNumber, is[Float]},
	"numpy.complex64":         {classNumber, is[Complex]},
	"numpy.complex128":        {classNumber, is[Complex]},
	"numpy.clongdouble":       {classNumber, is[Complex]},
	"numpy.str_":              {classStr, is[Str]},
	"numpy.bytes_":            {classBytes, is[Bytes]},
}

// kindOf gives the kind of a type name.
func kindOf(name string) (kind, bool) {
	if strings.HasPrefix(name, arrayPrefix) {
		return kind{classIncomparable, isArray}, true
	}
	k, ok := kinds[name]
	return k, ok
}

// classOf gives a value's class, and the value of a plain type that stands for it there.
func classOf(v Value) (class, Value) {
	switch v := v.(type) {
	case None:
		return classNone, v
	case Bool, Small, Int, Float, Complex:
		return classNumber, v
	case Str:
		return classStr, v
	case Bytes:
		return classBytes, v
	case List:
		return classList, v
	case Tuple:
		return classTuple, v
	case Set, FrozenSet:
		return classSet, v
	case Dict:
		return classDict, v
	case Typed:
		if k, ok := kindOf(v.Type); ok {
			return k.class, v.Base
		}
	}
	return classIncomparable, v
}

func is[T Value](v Value) bool {
	_, ok := v.(T)
	return ok
}

func isInt(v Value) bool { return is[Small](v) || is[Int](v) }

func isRange(v Value) bool {
	t, ok := v.(Tuple)
	return ok && len(t) == 3 && isInt(t[0]) && isInt(t[1]) && isInt(t[2]) && t[2] != Small(0)
}

func isItems(v Value) bool {
	l, ok := v.(List)
	for _, item := range l {
		t, pair := item.(Tuple)
		ok = ok && pair && len(t) == 2
	}
	return ok
}

func isArray(v Value) bool {
	switch v := v.(type) {
	case List:
		for _, item := range v {
			if !isArray(item) {
				return false
			}
		}
	case Tuple, Set, FrozenSet, Dict, Typed:
		return false
	}
	return true
}
