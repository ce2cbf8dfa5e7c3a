import type { look as english } from '../en/look.ts';
import type { Worded } from '../worded.ts';

export const look: Worded<typeof english> = {
  look: {
    same: '두 글의 내용이 같습니다.',
    sameSoFar: '보이는 부분은 같습니다. 그 뒤는 다를 수 있습니다.',
    tooDifferent: '겹치는 부분이 너무 적어 줄 단위로 비교할 수 없습니다.',
    skipped_one: '같은 줄 {{count, number}}개',
    skipped_other: '같은 줄 {{count, number}}개',
    cut: '내용이 길어 앞부분만 보입니다.',
    empty: '비어 있습니다.',
    tooLarge: '여기서 보기에는 너무 큽니다. 파일 옆에 두고 전용 프로그램으로 열어 보세요.',
    otherKind: '여기서 볼 수 없는 종류의 파일입니다. 파일 옆에 두고 전용 프로그램으로 열어 보세요.',
    loading: '가져오는 중입니다.',
    comparing: '비교하는 중입니다.',
    more: '더 보기',
  },
};
