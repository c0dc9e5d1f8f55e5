package guest

func argsGet(k *call) error         { return k.strings(k.w.args) }
func argsSizesGet(k *call) error    { return k.sizes(k.w.args) }
func environGet(k *call) error      { return k.strings(k.w.env) }
func environSizesGet(k *call) error { return k.sizes(k.w.env) }

// strings writes a list of strings as C has them: addresses to parameter 0,
// the bytes with a NUL after each to parameter 1.
func (k *call) strings(list []string) error {
	total := size(list)
	ptrs, err := k.out(0, 4*uint64(len(list)))
	if err != nil {
		return err
	}
	buf, err := k.out(1, total)
	if err != nil {
		return err
	}
	if err := k.w.charge(uint64(len(ptrs)) + total); err != nil {
		return err
	}
	at := k.u32(1)
	for i, s := range list {
		le.PutUint32(ptrs[4*i:], at)
		n := copy(buf, s)
		buf[n] = 0
		buf = buf[n+1:]
		at += uint32(n) + 1
	}
	return nil
}

func (k *call) sizes(list []string) error {
	count, err := k.out(0, 4)
	if err != nil {
		return err
	}
	bytes, err := k.out(1, 4)
	if err != nil {
		return err
	}
	le.PutUint32(count, uint32(len(list)))
	le.PutUint32(bytes, uint32(size(list)))
	return nil
}

func size(list []string) (n uint64) {
	for _, s := range list {
		n += uint64(len(s)) + 1
	}
	return n
}
