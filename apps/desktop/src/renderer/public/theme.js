// Before the first paint, so that no theme flashes another. A classic script because modules run later.
let theme;
try {
  theme = JSON.parse(localStorage.getItem('onefold.preferences') ?? '{}').theme;
} catch {
  // Storage may be closed to us or hold what we did not write: the system's theme it is.
}
if (theme !== 'light' && theme !== 'dark')
  theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
document.documentElement.dataset.theme = theme;
