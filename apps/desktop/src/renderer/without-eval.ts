import { config } from 'zod';

// The page's policy forbids eval. The control surface's schemas would try to compile themselves with it when they are made, and
// the refused attempt is reported as a violation; so this runs before they are. Interpreted, they are fast enough for a page.
config({ jitless: true });
