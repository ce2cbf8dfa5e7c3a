import type { checks as english } from '../en/checks.ts';
import type { Worded } from '../worded.ts';

export const checks: Worded<typeof english> = {
  checks: {
    found: {
      'account-none': '이 기기는 아직 계정에 없습니다.',
      'daemon-missing': '데몬이 돌고 있지 않아 아무것도 맞춰지지 않습니다.',
      version: '데몬의 버전은 {{daemon}}입니다.',
      'keys-sealed': '이 기기의 키가 봉인되어 있어 열지 못했습니다.',
      'keys-unusable': '이 기기의 키를 쓸 수 없습니다.',
      'server-answers': '서버 {{address}}가 응답합니다.',
      'server-unusable': '서버 {{address}}를 쓸 수 없습니다.',
      'clock-unknown': '서버가 아직 답하지 않아 시계를 비교하지 못했습니다.',
      'clock-close': '시계가 맞습니다. 서버와 {{seconds, number}}초 차이.',
      'clock-off': '시계가 서버와 {{seconds, number}}초 다릅니다.',
      'home-writable': 'Onefold의 상태 폴더에 쓸 수 있습니다.',
      'home-read-only': 'Onefold의 상태 폴더에 쓸 수 없습니다: {{folder}}',
      'watches-unlimited': '이 시스템은 지켜보는 폴더 수를 제한하지 않습니다.',
      'watches-enough': '최대 {{limit, number}}개 가운데 폴더 {{folders, number}}개를 지켜봅니다.',
      'watches-short':
        '지켜볼 폴더가 {{folders, number}}개인데 시스템이 더는 지켜보지 못합니다. 모든 프로그램을 합쳐 {{limit, number}}개까지입니다.',
      'folder-there': '{{folder}} 폴더가 제자리에 있습니다.',
      'folder-missing': '{{folder}} 폴더가 없거나 맞추던 폴더가 아닙니다. 맞춰지지 않습니다.',
      'folder-problem': '{{folder}} 폴더는 지금 맞춰지지 않습니다.',
      'folder-writable': '{{folder}} 폴더에 쓸 수 있습니다.',
      'folder-read-only': '{{folder}} 폴더에 쓸 수 없습니다.',
      'space-enough': '{{folder}}가 있는 디스크에 {{free}} 남았습니다.',
      'space-low': '{{folder}}가 있는 디스크에 {{free}}밖에 남지 않았습니다.',
      'files-low': '{{folder}}가 있는 디스크에는 크기와 상관없이 파일을 {{files, number}}개만 더 둘 수 있습니다.',
      'space-unknown': '{{folder}}가 있는 디스크의 남은 공간을 알 수 없습니다.',
      'case-folds':
        '{{folder}} 폴더의 디스크는 “a”와 “A”를 같은 이름으로 봅니다. 그런 두 이름 가운데 하나는 비슷한 이름으로 보입니다.',
      'network-volume': '{{folder}} 폴더는 네트워크 드라이브에 있어 변경을 알려 주지 않습니다. 대신 훑어봅니다.',
    },
    advice: {
      'clock-off': '이 컴퓨터의 시계를 맞추거나 네트워크가 맞추게 하세요.',
      'home-read-only': '쓰기 권한을 주세요.',
      'watches-short':
        'fs.inotify.max_user_watches와 max_user_instances를 올리고 Onefold를 다시 시작하세요. 그때까지 일부 변경은 한 시간마다 훑어볼 때에야 찾습니다.',
      'folder-missing': '폴더를 되돌려 놓거나 지금 있는 곳을 알려 주세요.',
      'folder-read-only': '쓰기 권한을 주세요.',
      'space-low': '이 디스크에 공간을 만드세요.',
      'files-low': '그곳의 파일을 지우세요. 이 디스크가 담는 파일 수는 정해져 있습니다.',
      'keys-sealed': '데스크톱 앱을 열거나 앱 설정에서 봉인을 끄세요.',
      'keys-unusable': '로그아웃한 뒤 다시 로그인하세요. 파일은 남아 있습니다.',
      other: '홈 화면에서 할 수 있는 일을 알려 줍니다.',
    },
    server: {
      'captive-portal': '브라우저를 열고 이 네트워크에 로그인하세요.',
      'certificate-untrusted': '시계를 확인하세요. 내 조직의 서버라면 네트워크 설정에서 인증 기관을 지정하세요.',
      'protocol-mismatch': '둘 중 오래된 쪽을 업데이트하세요.',
      'device-revoked': '이 기기는 계정에서 제거되었습니다. 파일은 남아 있습니다. 로그아웃한 뒤 다시 로그인하세요.',
      'account-deleted': '계정이 삭제되었습니다. 파일은 남아 있습니다. 로그아웃하면 새로 시작할 수 있습니다.',
      unreached: '네트워크와 서버가 켜져 있는지 확인하세요.',
    },
  },
};
