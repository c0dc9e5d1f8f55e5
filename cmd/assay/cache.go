package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/humanize"
)

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Say where the cache is and what it holds, and clear it",
		Long: `The cache keeps what is dear to make: the Python runtime, its compiled code and
image, data sets, expected values, verdicts. Nothing is lost with it but time.
What was not used for ten days goes by itself, but for what was fetched.
ASSAY_CACHE moves it.`,
		Args: cobra.NoArgs,
		RunE: group,
	}
	cmd.AddCommand(a.cacheDir(), a.cacheInfo(), a.cacheClear())
	return cmd
}

func (a *app) cacheDir() *cobra.Command {
	return &cobra.Command{
		Use:   "dir",
		Short: "Print the folder of the cache",
		Args:  cobra.NoArgs,
		RunE: a.do(func(*cobra.Command, []string) error {
			root, err := cache.DefaultRoot()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, root)
			return err
		}),
	}
}

func (a *app) cacheInfo() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Print what the cache holds, by kind",
		Args:  cobra.NoArgs,
		RunE: a.do(func(*cobra.Command, []string) error {
			folder, err := openCache()
			if err != nil {
				return err
			}
			usage, err := folder.Usage()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.stdout, usage)
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
			var sum cache.Usage
			for _, u := range usage {
				fmt.Fprintf(w, "%s\t%d files\t%s\t\n", u.Kind, u.Files, humanize.Bytes(u.Bytes))
				sum.Files, sum.Bytes = sum.Files+u.Files, sum.Bytes+u.Bytes
			}
			fmt.Fprintf(w, "in all\t%d files\t%s\t\n", sum.Files, humanize.Bytes(sum.Bytes))
			return w.Flush()
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) cacheClear() *cobra.Command {
	return &cobra.Command{
		Use:       "clear [KIND...]",
		Short:     "Remove what the cache holds, or only some kinds of it",
		Example:   "  assay cache clear verdicts expected",
		ValidArgs: cache.Kinds(),
		Args:      cobra.OnlyValidArgs,
		RunE: a.do(func(_ *cobra.Command, args []string) error {
			folder, err := openCache()
			if err != nil {
				return err
			}
			return folder.Clear(args...)
		}),
	}
}
