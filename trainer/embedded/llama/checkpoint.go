package llama

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Files of a model's folder.
const (
	ConfigFile  = "config.json"
	WeightsFile = "model.safetensors"
)

const maxConfig = 1 << 20

// Save writes a model into a folder, as transformers does.
func Save(w *Weights[float32], dir string) error {
	text, err := w.Config.Text()
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, ConfigFile), text, 0o666),
		Write(filepath.Join(dir, WeightsFile), w.Tensors("", w.Data), map[string]string{"format": "pt"}))
}

// LoadConfig reads the shape of the model in a folder.
func LoadConfig(dir string) (Config, error) {
	path := filepath.Join(dir, ConfigFile)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, fmt.Errorf("%s has no %s: name the folder of a model", dir, ConfigFile)
	case err != nil:
		return Config{}, err
	case info.Size() > maxConfig:
		return Config{}, fmt.Errorf("%s has %d bytes, and at most %d are read", path, info.Size(), maxConfig)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	c, err := ParseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Load reads a model from its folder.
func Load(dir string) (*Weights[float32], error) {
	c, err := LoadConfig(dir)
	if err != nil {
		return nil, err
	}
	file, err := OpenTensors(filepath.Join(dir, WeightsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s: a model in several files, or in another form, is not read here", dir, WeightsFile)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if n := file.Numbers(); n < int64(c.Count()) { // before there is memory for them
		return nil, fmt.Errorf("%s: %s has %d numbers, and a model of its %s has %d", dir, WeightsFile, n, ConfigFile, c.Count())
	}
	w := Empty[float32](c)
	for _, t := range w.Tensors("", w.Data) {
		if err := file.Read(t.Name, t.Shape, t.Data); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Tensors are the parts of data, which has the parameters' form, under Llama's
// names with a prefix. They share its memory.
func (w *Weights[F]) Tensors(prefix string, data [][]float32) []Tensor {
	var out []Tensor
	for i, p := range w.Parameters {
		p.each(func(name string, from, to int) {
			shape := []int{(to - from) / p.Cols, p.Cols}
			if p.Vector {
				shape = shape[1:]
			}
			out = append(out, Tensor{Name: prefix + name, Shape: shape, Data: data[i][from:to]})
		})
	}
	return out
}
