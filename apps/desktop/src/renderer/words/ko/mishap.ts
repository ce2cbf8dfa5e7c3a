import type { mishap as english } from '../en/mishap.ts';
import type { Worded } from '../worded.ts';

export const mishap: Worded<typeof english> = {
  mishap: {
    loading: '여는 중입니다.',
    title: '이 화면을 표시할 수 없습니다',
    whole: 'Onefold를 표시할 수 없습니다',
    lost: '화면에 필요한 Onefold의 일부를 불러오지 못했습니다.',
    torn: '화면을 그리다가 Onefold 자체에 문제가 생겼습니다.',
    files: '파일은 그대로 있습니다.',
    filesAndScreens: '파일은 그대로 있고, 다른 화면은 쓸 수 있습니다.',
    again: '다시 시도',
    reload: 'Onefold 새로 고침',
    reason: '문제를 알릴 때',
  },
};
