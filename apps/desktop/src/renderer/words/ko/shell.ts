import type { shell as english } from '../en/shell.ts';
import type { Worded } from '../worded.ts';

/** 조사가 이름의 받침에 따라 달라지지 않도록 문장을 짓는다. */
export const shell: Worded<typeof english> = {
  app: { name: 'Onefold', skip: '본문으로 건너뛰기', toast: '알림', toasts: '알림 (F8)' },
  rail: {
    label: '주 메뉴',
    home: '홈',
    activity: '활동',
    files: '파일',
    devices: '기기',
    preferences: '환경설정',
    here: '이 기기',
  },
  preferences: {
    theme: '테마',
    themeSystem: '시스템',
    themeLight: '밝게',
    themeDark: '어둡게',
    language: '언어',
    languageSystem: '시스템',
  },
  action: {
    pause: '일시 중지',
    resume: '다시 시작',
    pauseFolder: '{{name}} 일시 중지',
    resumeFolder: '{{name}} 다시 시작',
    addFolder: '폴더 추가',
    add: '추가',
    cancel: '취소',
    close: '닫기',
    clear: '지우기',
    dismiss: '닫기',
    showEarlier: '이전 활동 보기',
    showAll: '{{count, number}}건 모두 보기',
  },
  time: { justNow: '방금' },
  errors: {
    title: '하지 못했습니다.',
    'not-found': '그 자리에 아무것도 없습니다.',
    'root-in-use': '다른 Onefold가 이 폴더를 맡고 있습니다.',
    'root-nested': '이미 Onefold에 있는 폴더의 안쪽이거나 바깥쪽입니다.',
    'root-state-inside': 'Onefold의 데이터가 있는 폴더입니다. 다른 폴더를 골라 주세요.',
    'access-denied': '접근 권한이 없습니다.',
    'daemon-not-running': 'Onefold와의 연결이 끊겼습니다. 파일은 그대로 있습니다.',
    'invalid-argument': '폴더의 전체 경로가 아닙니다. 예: /home/you/Documents',
    'server-unreachable': '서버가 응답하지 않습니다. 잠시 뒤에 다시 해 주세요.',
    'precondition-failed':
      '그 자리에 있는 것이 그사이 바뀌었거나 아직 안전하지 않습니다. 아무것도 바꾸지 않았습니다. 잠시 뒤에 다시 해 주세요.',
    'file-busy': '다른 프로그램이 사용하고 있거나 Onefold가 폴더를 여는 중입니다. 잠시 뒤에 다시 해 주세요.',
    'too-large': '여기서 다루기에는 너무 큽니다.',
    other: '{{message}}',
  },
};
