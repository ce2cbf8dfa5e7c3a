import type { clock as english } from '../en/clock.ts';
import type { Worded } from '../worded.ts';

export const clock: Worded<typeof english> = {
  clock: {
    year: '연도',
    month: '월',
    day: '일',
    time: '시각',
    half: '오전 또는 오후',
    wrong: '{{example}}처럼 시각을 쓰세요.',
  },
};
