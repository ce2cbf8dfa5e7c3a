import type { versions as english } from '../en/versions.ts';
import type { Worded } from '../worded.ts';

export const versions: Worded<typeof english> = {
  versions: {
    title: '버전',
    toFiles: '모든 파일',
    choose: '파일 화면에서 파일을 고르면 버전이 보입니다.',
    current: '지금 상태',
    by: '{{device}}에서 저장',
    restore: '되돌리기',
    restoreOf: '되돌리기: {{moment}} 버전',
    beside: '옆에 두기',
    besideOf: '옆에 두기: {{moment}} 버전',
    restored: '{{moment}} 상태로 돌아왔습니다: {{name}}. 그 전 내용도 버전으로 남습니다.',
    putBeside: '파일 옆에 두었습니다: {{name}}',
  },
};
